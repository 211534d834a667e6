"""`nengtan run`: take in what is new, rebuild what changed, check, publish."""

from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from assets.work import Work

_DATE = click.DateTime(["%Y-%m-%d", "%Y-%m"])


@click.command("run")
@common.site_and_lake
@click.option("--from", "first", type=_DATE, help="Also rebuild the months from this day on, whatever changed.")
@click.option("--to", "last", type=_DATE, help="Also rebuild the months up to this day, whatever changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def command(settings: Settings, first: datetime | None, last: datetime | None, as_json: bool) -> int:
    r"""Take in what is new, rebuild only what changed, run the checks, publish the marts.

    Where a blocking check fails nothing is published and the status is 1.

    \b
    Example:
      nengtan run my_plant
      nengtan run my_plant --from 2025-03-01 --to 2025-04-30
    """
    if first and last and last < first:
        raise click.UsageError(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}: name the earlier day first.")
    common.show_progress()
    from pipelines import execute, summary

    work = execute.refresh(settings, _day(first), _day(last))
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


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def _tell(settings: Settings, work: "Work") -> None:
    from pipelines import summary
    from pipelines.cli import told

    done = summary.outcome(work)
    told.sources(summary.sources(work))
    for away in work.away.values():
        click.echo(f"! {away}", err=True)
    if work.results:
        told.checks(work.results)
    if settings.marts_file.is_file():
        told.organizations(*summary.organizations(settings.marts_file))
    if work.manifest:
        click.echo(
            f"已发布 published: publication {work.manifest.number}, {done.partitions_rebuilt} months rebuilt, "
            f"{done.checks_passed} checks passed, {done.checks_failed} failed."
        )
    elif not work.results:
        click.echo("没有新数据 nothing was new: the published marts stay as they are.")
    told.next_commands(settings)
