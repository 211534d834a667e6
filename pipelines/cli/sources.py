"""`nengtan sources`: how the sources of the collector stand, from what it noted last."""

import click

from pipelines.cli import common
from pipelines.settings import Settings


@click.command("sources")
@common.site_and_lake
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(settings: Settings, as_json: bool) -> int:
    r"""Show how the sources of the collector stand, as it noted every few seconds; 1 where one is away.

    \b
    Example:
      nengtan sources my_plant
    """
    from pathlib import Path

    from ingestion import health
    from ingestion.status_page import STATES

    noted = health.read(Path(settings.lake).expanduser().absolute())
    if as_json:
        common.print_json(noted)
        return 0
    if not noted:
        click.echo(f"no collector has run on the lake {settings.lake}; `nengtan collect` runs one")
        return 0
    click.echo(f"as of {noted['written_at'][:19]} UTC")
    for one in noted["sources"]:
        last = (one["last_arrival_at"] or "never")[:19]
        told = f"{one['landed_count']:,} kept, {one['refused_count']:,} refused, {one['backlog_count']:,} waiting"
        click.echo(f"{one['source']} ({one['kind']}): {' '.join(STATES[one['state']])}, last arrival {last}, {told}")
        if one["reason"]:
            click.echo(f"  ! {one['reason']}")
        if one["clock_is_wrong"]:
            click.echo(f"  ! the clock of {one['clock_device']} is {one['clock_offset_s']:+.0f} s ahead")
    return int(any(one["state"] in ("away", "held_up") for one in noted["sources"]))
