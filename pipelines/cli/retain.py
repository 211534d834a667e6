"""`nengtan retain`: what may go goes, and nothing that a look back, a proof or a declared figure rests on."""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime

import click

from lake.errors import LakeError
from pipelines.cli import common
from pipelines.settings import Settings


@click.command("retain")
@common.lake
@click.option("--look-backs", type=click.IntRange(0), help="Days that marts of an earlier time stay (30).")
@click.option("--runs", type=click.IntRange(1), help="Days that the orchestrator remembers a run (90).")
@click.option("--torn", type=click.IntRange(1), help="Days that what a power cut tore stays (90).")
@click.option("--yes", "is_meant", is_flag=True, help="Remove it; else only say what would go.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(  # noqa: PLR0913, PLR0917 -- as click passes them
    settings: Settings,
    look_backs: int | None,
    runs: int | None,
    torn: int | None,
    is_meant: bool,
    as_json: bool,
) -> int:
    r"""Say what may go from the lake, or remove it: looks back, memories of runs, what a power cut tore.

    Readings, payloads, refusals, versions of the site, evidence, closings, releases and registers never go. Backups
    have a rule of their own: `nengtan backup --keep`.

    \b
    Example:
      nengtan retain
      nengtan retain --look-backs 7 --yes
    """
    from lake import retention
    from lake.build import running
    from lake.retention import Policy
    from lake.store import Lake
    from pipelines import retained

    lake, now = Lake(settings.lake), datetime.now(UTC)
    if lake.site_id() is None:
        raise LakeError(f"{lake.root}: there is no lake; --lake names another folder")
    given = {"look_backs_days": look_backs, "runs_days": runs, "torn_days": torn}
    policy = Policy(**{name: days for name, days in given.items() if days is not None})
    with running(lake):
        items, memories = retention.may_go(lake, policy, now), retained.runs(settings, policy, now)
        if is_meant:
            retention.remove(items)
            retained.forget(settings, memories)
    found = [*items, *memories]
    size = sum(item.size_bytes for item in found)
    if as_json:
        common.print_json({"removed": is_meant, "bytes": size, "items": [asdict(item) for item in found]})
        return 0
    for item in found if len(found) <= 20 else ():
        click.echo(f"{item.path} ({item.kind}, {item.made_at:%Y-%m-%d})")
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(item.kind for item in found).items()))
    verb = "removed" if is_meant else "may go; --yes removes it"
    click.echo(f"{size / 1e6:,.1f} MB {verb}: {kinds}" if found else "nothing may go yet")
    return 0
