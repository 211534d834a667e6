"""`nengtan run`: take in what is new, rebuild what changed, check, publish."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from lake.periods import next_month
from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from assets.work import Work


class _Day(click.ParamType[date]):
    """A day, or a month that stands for its first or its last day."""

    name = "date"

    def __init__(self, *, is_last: bool) -> None:
        self._is_last = is_last

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day that the text names."""
        if isinstance(value, date):
            return value
        for text, is_month in ((value, False), (f"{value}-01", True)):
            try:
                day = date.fromisoformat(text)
            except ValueError:
                continue
            return next_month(day) - timedelta(days=1) if is_month and self._is_last else day
        return self.fail(f"{value!r} is no day: write 2025-03-01, or 2025-03 for the whole month.", param, ctx)


@click.command("run")
@common.site_and_lake
@click.option(
    "--from", "first", type=_Day(is_last=False), help="Also rebuild the days from this one on, whatever changed."
)
@click.option("--to", "last", type=_Day(is_last=True), help="Also rebuild the days up to this one, whatever changed.")
@click.option(
    "--as-of",
    "as_of",
    metavar="TIME",
    help="Write the marts as they were known at this time, beside the published ones.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def command(settings: Settings, first: date | None, last: date | None, as_of: str | None, as_json: bool) -> int:
    r"""Take in what is new, rebuild only what changed, run the checks, publish the marts.

    Where a blocking check fails nothing is published and the status is 1.

    \b
    Example:
      nengtan run my_plant
      nengtan run my_plant --from 2025-03-01 --to 2025-04-30
      nengtan run my_plant --as-of 2025-05-01T08:00
    """
    if as_of and (first or last):
        raise click.UsageError("--as-of builds everything as it was known: leave out --from and --to.")
    if first and last and last < first:
        raise click.UsageError(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}: name the earlier day first.")
    common.show_progress()
    from pipelines import execute, summary

    if as_of:
        from pipelines import as_of as looking_back

        work = looking_back.known_at(settings, common.instant(settings, "--as-of", as_of))
    else:
        work = execute.refresh(settings, first, last)
    if as_json:
        common.print_json(asdict(summary.outcome(work)))
    else:
        _tell(settings, work)
    refused = execute.refusals(work)
    if refused:
        told = "; ".join(f"{one.expectation.name_en} ({one.suite.mart}: {one.observed})" for one in refused)
        message = f"nengtan: a blocking check failed, nothing was published and the old marts stay: {told}"
        click.echo(message, err=True)
    return 1 if refused else 0


def _rebuilt(work: "Work", pairs: int) -> str:
    """Say what was rebuilt: days of points, and the marts that were made from nothing because their rules changed."""
    from lake import worklist

    assert work.worklist is not None, "the run was planned"
    told = worklist.words(work.worklist)
    return f"{told} ({pairs:,} local days of points)" if work.worklist.is_full else told


def _tell(settings: Settings, work: "Work") -> None:
    from pipelines import summary
    from pipelines.cli import told

    done = summary.outcome(work)
    told.sources(summary.sources(work))
    for away in work.away.values():
        click.echo(f"! {away}", err=True)
    if work.results:
        told.checks(work.results)
    marts_file = settings.marts_file if work.as_of is None else work.marts_file
    if marts_file.is_file():
        told.organizations(*summary.organizations(marts_file))
    if work.as_of and work.manifest:
        click.echo(f"截至该时刻所知 as known at {work.as_of.isoformat()}: {marts_file}")
    elif work.manifest:
        click.echo(
            f"已发布 published: publication {work.manifest.number}, {_rebuilt(work, done.partitions_rebuilt)} rebuilt, "
            f"{done.checks_passed} checks passed, {done.checks_failed} failed."
        )
    elif not work.results:
        click.echo("没有新数据 nothing was new: the published marts stay as they are.")
    told.next_commands(settings)
