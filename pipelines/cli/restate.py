"""`nengtan restate`: the bridge between two knowledge times of the same periods, by cause."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.restate import Bridge


@click.command("restate")
@common.site_and_lake
@click.option(
    "--known-from",
    metavar="TIME",
    help="The older knowledge (default: the publication that closed months were declared from).",
)
@click.option("--known-to", metavar="TIME", help="The newer knowledge (default: what is published now).")
@click.option("--organization", help="Only this legal entity.")
@click.option("--period", metavar="YEAR|MONTH", help="Only these months: 2025 or 2025-12.")
@click.option("--json", "as_json", is_flag=True, help="Print figures and totals as one JSON object.")
def command(  # noqa: PLR0913 - click's options
    settings: Settings,
    known_from: str | None,
    known_to: str | None,
    organization: str | None,
    period: str | None,
    *,
    as_json: bool,
) -> int:
    r"""Show why figures of the same months differ between two knowledge times: late data, corrections, factors, rules.

    Each bridge sums to the last digit. Months that were not over at the older time are left out: what came for them
    since is no restatement. 1 where a part has no cause.

    \b
    Example:
      nengtan restate my_plant --period 2025 --organization works
      nengtan restate my_plant --known-from 2026-01-10T08:00
      nengtan restate my_plant --known-from 2026-01-10T08:00 --known-to 2026-04-01T08:00 --period 2025 --json
    """
    common.show_progress()
    from lake import periods
    from lake.store import Lake
    from methods.restatement.figures import Asked
    from pipelines import restate

    try:
        named = None if period is None else periods.period(period)
    except ValueError as cause:
        raise click.UsageError(f"--period {cause}.") from cause
    asked = Asked(organization, None if named is None else (named.first, named.last))
    if known_from is None:
        begins = restate.declared_at(Lake(settings.lake), asked)
    else:
        begins = common.instant(settings, "--known-from", known_from)
    ends = None if known_to is None else common.instant(settings, "--known-to", known_to)
    if ends is not None and ends <= begins:
        raise click.UsageError("--known-to is not after --known-from: name the older knowledge first.")
    bridge = restate.of(settings, begins, ends, asked)
    if as_json:
        common.print_json(_plain(bridge))
    else:
        _tell(bridge)
    return int(any(row["cause"] == "unexplained" for row in bridge.figures))


def _plain(bridge: "Bridge") -> dict[str, Any]:
    from methods.restatement import totals

    return {
        "known_from": bridge.known_from,
        "known_to": bridge.known_to,
        "totals": [totals.plain(total) for total in bridge.totals],
        "figures": bridge.figures,
    }


def _tell(bridge: "Bridge") -> None:
    from methods.restatement.causes import NAMES, ORDER

    click.echo(f"已知时间 known from {_at(bridge.known_from)} to {_at(bridge.known_to)}")
    if not bridge.totals:
        click.echo("没有重述 no figure of a month that was over at the older time is another one.")
        return
    for total in bridge.totals:
        click.echo(f"\n{total.organization_id}  {total.account}  {total.unit}")
        lines: list[tuple[str, Decimal]] = [("原数 old", total.old)]
        lines += [(f"{NAMES[cause][0]} {NAMES[cause][1]}", part.change) for cause, part in total.parts.in_order()]
        _columns([*lines, ("新数 new", total.new)])
    click.echo()
    told = {cause for row in bridge.figures for cause in (row["cause"],)}
    for cause in filter(told.__contains__, ORDER):
        rows = [row for row in bridge.figures if row["cause"] == cause]
        largest = max(rows, key=lambda row: abs(row["change"]))
        click.echo(f"{largest['reason_zh']} | {largest['reason_en']}")


def _columns(lines: Sequence[tuple[str, Decimal]]) -> None:
    """Print names and amounts, the amounts under each other; a Chinese character is two wide."""
    widest = max(_width(name) for name, _ in lines)
    for place, (name, amount) in enumerate(lines):
        told = f"{amount:,.6f}" if place in (0, len(lines) - 1) else f"{amount:+,.6f}"
        click.echo(f"  {name}{' ' * (widest - _width(name))}  {told:>22}")


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _at(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
