"""`nengtan audit`: who changed and who read what, by every door, with what no run has taken in yet."""

from typing import TYPE_CHECKING, Any

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

_COLUMNS = ("at", "door", "effect", "act", "actor", "address", "organization_id", "subject", "outcome")


@click.command("audit")
@common.site_and_lake
@click.option("--from", "first", metavar="TIME", help="From this time on.")
@click.option("--to", "last", metavar="TIME", help="Up to this time.")
@click.option("--door", help="Only this door: portal, exchange, dashboards, command_line, agents or run.")
@click.option("--effect", type=click.Choice(("change", "read", "entry")), help="Only what did this.")
@click.option("--actor", help="Only what this person, account or client did.")
@click.option("--organization", metavar="ID", help="Only what is about this legal entity.")
@click.option("--most", default=100, show_default=True, help="At most so many of the latest lines.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
def command(settings: Settings, as_json: bool, **asked: Any) -> int:  # noqa: ANN401 - click passes what it has
    r"""Print the audit trail: lines that runs took into the lake, and those that wait in the doors' logs.

    Whether it was changed is what `nengtan evidence verify` says; 1 where a log cannot be read.

    \b
    Example:
      nengtan audit --effect read --organization cement --from 2026-01-01
    """
    from lake.store import Lake
    from lake.trail import looking
    from pipelines import trails

    wanted = looking.Wanted(
        first=_instant(settings, "--from", asked["first"]),
        last=_instant(settings, "--to", asked["last"]),
        **{name: asked[name] for name in ("door", "effect", "actor", "organization", "most")},
    )
    lines, doubts = looking.lines(Lake(settings.lake), trails.registers(settings), wanted)
    if as_json:
        common.print_json({"lines": lines, "doubts": doubts})
    else:
        for line in lines:
            click.echo("  ".join(_shown(line[name]) for name in _COLUMNS))
        waiting = sum(not line["is_taken"] for line in lines)
        click.echo(f"{len(lines)} lines, {waiting} of them wait for the next run")
        for doubt in doubts:
            click.echo(f"  {doubt}")
    return int(bool(doubts))


def _instant(settings: Settings, option: str, text: str | None) -> "datetime | None":
    return common.instant(settings, option, text) if text else None


def _shown(value: object) -> str:
    return "-" if value is None else str(value).replace("\n", " ")
