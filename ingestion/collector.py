"""The collector: one process, many connections; each listens in one thread and is landed in another.

It may be killed at any moment: what was acknowledged had been committed, and what was not comes again. A source that is
away is tried again for ever and keeps no other from being collected.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from ingestion.inbox import Inbox
from ingestion.source import Context, LiveSource, context_of
from ingestion.sources import cjt188, dlt645, hj212, iec104, modbus, mqtt, opcua, sparkplug
from lake.batch import Landed
from lake.errors import SiteError
from lake.site.load import Site
from lake.store import Lake

CONNECTORS: Mapping[str, Callable[[Context], LiveSource]] = {
    "mqtt": mqtt.Mqtt,
    "sparkplug": sparkplug.Sparkplug,
    "opcua": opcua.OpcUa,
    "iec104": iec104.Iec104,
    "modbus": modbus.Modbus,
    "hj212": hj212.Hj212,
    "dlt645": dlt645.Dlt645Meters,
    "cjt188": cjt188.Cjt188Meters,
}
Progress = Callable[[Landed], None]
_INBOX_BYTES = 64 * 1024 * 1024
_PATIENCE = 0.2


@dataclass
class Collected:
    """What one source gave: totals of its batches, and why it is away if it is."""

    batches: int = 0
    rows_read: int = 0
    rows_landed: int = 0
    rows_repeated: int = 0
    rows_refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    away: str | None = None

    def add(self, landed: Landed) -> None:
        """Count a landed batch."""
        self.batches += 1
        self.rows_read += landed.rows_read
        self.rows_landed += landed.rows_landed
        self.rows_repeated += landed.rows_repeated
        self.rows_refused += landed.rows_refused
        self.reasons.update(landed.reasons)


@dataclass(frozen=True)
class Until:
    """When to stop: when nothing came for so long, after so long, or when the event is set; else never."""

    idle_seconds: float | None = None
    total_seconds: float | None = None
    event: threading.Event = field(default_factory=threading.Event)


def collect(lake: Lake, site: Site, until: Until, progress: Progress | None = None) -> dict[str, Collected]:
    """Collect from every live source of the site, and return what each gave.

    Raises SiteError where there is no such source, and LakeError where a source is being written by another process.
    """
    specs = [spec for spec in site.sources.values() if spec.kind in CONNECTORS]
    if not specs:
        raise SiteError(f"site {site.settings.id}: no source of a kind that is collected ({', '.join(CONNECTORS)})")
    with ExitStack() as stack:
        for spec in specs:
            stack.enter_context(lake.writing(spec.id))
        lines = [_Line(lake, CONNECTORS[spec.kind](context_of(site, spec)), progress) for spec in specs]
        for line in lines:
            line.start()
        try:
            _wait(lines, until)
        finally:
            for line in lines:
                line.end()
    for line in lines:
        if line.failure is not None:
            raise line.failure
    return {spec.id: line.collected for spec, line in zip(specs, lines, strict=True)}


def _wait(lines: list["_Line"], until: Until) -> None:
    started = time.monotonic()
    try:
        while not until.event.wait(0.1):
            spent = time.monotonic() - started
            is_over = until.total_seconds is not None and spent >= until.total_seconds
            quiet = min(line.idle_since(started) for line in lines)
            is_quiet = until.idle_seconds is not None and quiet >= until.idle_seconds
            if is_over or is_quiet or any(line.failure for line in lines):
                return
    except KeyboardInterrupt:
        return


class _Line:
    """One source on its way: a thread that listens, a thread that lands."""

    def __init__(self, lake: Lake, source: LiveSource, progress: Progress | None) -> None:
        self.collected = Collected()
        self.failure: Exception | None = None
        self._lake = lake
        self._source = source
        self._progress = progress
        self._inbox: Inbox[Any] = Inbox(_INBOX_BYTES)
        self._stop = threading.Event()
        self._last = 0.0
        self._is_landing = False
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._land_all)]

    def start(self) -> None:
        """Begin to listen and to land."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop listening, land and acknowledge what had arrived, let go of the connection."""
        self._stop.set()
        self._inbox.close()
        for thread in self._threads:
            thread.join(timeout=60)
        self._source.close()

    def idle_since(self, started: float) -> float:
        """Return the seconds since something arrived; 0 while something is being landed.

        What waits to be gathered into a batch does not count: it lands at the end in any case.
        """
        if self._is_landing:
            return 0.0
        return time.monotonic() - max(self._last, started)

    def _listen(self) -> None:
        try:
            self._source.listen(self._deliver, self._say, self._stop)
        except Exception as trouble:  # noqa: BLE001 - handed to the main thread, which raises it
            self.failure = trouble

    def _deliver(self, item: Any) -> None:  # noqa: ANN401 - each source has its own kind of arrival
        self._last = time.monotonic()
        self._inbox.put(item)

    def _say(self, away: str | None) -> None:
        self.collected.away = away

    def _land_all(self) -> None:
        try:
            while self._land() or not self._stop.is_set():
                pass
        except Exception as trouble:  # noqa: BLE001 - handed to the main thread, which raises it
            self.failure = trouble

    def _land(self) -> bool:
        source = self._source
        arrivals = self._inbox.take(source.batch_size, source.batch_seconds, _PATIENCE, bursts=source.is_held_back)
        if not arrivals:
            return False
        self._is_landing = True
        landed = self._lake.land(source.batch(arrivals))
        source.acknowledge(arrivals)
        self.collected.add(landed)
        if self._progress:
            self._progress(landed)
        self._last = time.monotonic()
        self._is_landing = False
        return True
