"""`nengtan collect`: the long-running collector for what must be polled or subscribed to."""

import logging
import signal
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines.cli import common
from pipelines.settings import Settings

if TYPE_CHECKING:
    from ingestion.collector import Watch
    from ingestion.health import Board
    from lake.batch import Landed

_SAY_EVERY_S = 5.0


@click.command("collect")
@common.site_and_lake
@click.option("--until-idle", type=float, metavar="SECONDS", help="Stop when nothing came for so long.")
@click.option("--for", "total", type=float, metavar="SECONDS", help="Stop after so long.")
@click.option(
    "--status-port", type=int, metavar="PORT", help="Show how the sources stand, at this port of this machine."
)
@click.option("--json", "as_json", is_flag=True, help="Print the totals of each source as JSON at the end.")
def command(
    settings: Settings, until_idle: float | None, total: float | None, status_port: int | None, as_json: bool
) -> int:
    r"""Collect from meters that must be polled or subscribed to; it may be killed at any moment.

    What a sender was acknowledged is in the lake exactly once, whenever this ends.

    \b
    Example:
      nengtan collect my_plant
      nengtan collect my_plant --until-idle 10
      nengtan collect my_plant --status-port 8091
    """
    common.show_progress()
    from ingestion import collector
    from lake.site.load import read_site
    from lake.store import Lake

    site, lake = read_site(settings.site, settings.environment), Lake(settings.lake)
    lake.claim(site.settings.id)
    until = collector.Until(idle_seconds=until_idle, total_seconds=total)
    _stop_on_signal(until.event)
    with ExitStack() as page:
        collected = collector.collect(lake, site, until, _Told(), _page(page, status_port))
    if as_json:
        common.print_json({name: asdict(counts) for name, counts in collected.items()})
        return 0
    for name, counts in collected.items():
        told = f"{counts.rows_landed:,} landed, {counts.rows_repeated:,} repeated, {counts.rows_refused:,} refused"
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(counts.reasons.items()))
        click.echo(f"{name}: {told}{f' ({reasons})' if reasons else ''}")
        if counts.away:
            click.echo(f"! {counts.away}", err=True)
    return 0


def _page(while_it_runs: ExitStack, port: int | None) -> "Watch | None":
    """Return what opens the status page at a port, where one is given."""
    if port is None:
        return None
    from ingestion import status_page

    def watch(board: "Board") -> None:
        where = while_it_runs.enter_context(status_page.served(board.facts, port))
        logging.getLogger("nengtan").info("status of the sources: %s", where)

    return watch


def _stop_on_signal(event: threading.Event) -> None:
    """End in good order when asked to: what has arrived is landed and acknowledged first."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: event.set())


class _Told:
    """Says every few seconds what has landed."""

    def __init__(self) -> None:
        self._landed: Counter[str] = Counter()
        self._said = time.monotonic()
        self._lock = threading.Lock()

    def __call__(self, landed: "Landed") -> None:
        with self._lock:
            self._landed[landed.source] += landed.rows_landed
            if time.monotonic() - self._said >= _SAY_EVERY_S:
                self._said = time.monotonic()
                words = ", ".join(f"{source} {rows:,}" for source, rows in sorted(self._landed.items()))
                logging.getLogger("nengtan").info("landed so far: %s", words)
