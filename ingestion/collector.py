"""The collector: one process, many connections; each listens in one thread and is landed in another.

It may be killed at any moment: what was acknowledged had been committed, and what was not comes again. A source that is
away is tried again for ever and keeps no other from being collected; so is one whose peer makes a library stumble. An
arrival that cannot be understood at all is quarantined by itself, and does not come again and again. Where the lake
cannot be written, nothing is acknowledged, what has arrived waits in bounded room, and landing is tried again.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ingestion.health import Board, Health
from ingestion.inbox import Inbox
from ingestion.source import Context, LiveSource, context_of, now
from ingestion.sources import cjt188, dlt645, hj212, iec104, modbus, mqtt, opcua, sparkplug
from lake.batch import Batch, Landed
from lake.errors import NengtanError, SiteError
from lake.schemas import READING, REFUSED
from lake.site.load import Site
from lake.store import WRITE_FAULTS, Lake

Connector = Callable[[Context], LiveSource]
CONNECTORS: Mapping[str, Connector] = {
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
Watch = Callable[[Board], None]
_INBOX_BYTES = 64 * 1024 * 1024
_PATIENCE = 0.2
_AGAIN = 5.0
_WRITE_AGAIN = (1.0, 30.0)  # the first pause before a batch is landed again, and the longest
_NOTE_EVERY = 5.0


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


def collect(
    lake: Lake, site: Site, until: Until, progress: Progress | None = None, watch: Watch | None = None
) -> dict[str, Collected]:
    """Collect from every live source of the site, and return what each gave; `watch` is shown how the sources stand.

    Raises SiteError where there is no such source, and LakeError where a source is being written by another process.
    """
    specs = [spec for spec in site.sources.values() if spec.kind in CONNECTORS]
    if not specs:
        raise SiteError(f"site {site.settings.id}: no source of a kind that is collected ({', '.join(CONNECTORS)})")
    with ExitStack() as stack:
        for spec in specs:
            stack.enter_context(lake.writing(spec.id))
        board = Board(lake.root, {spec.id: spec.kind for spec in specs})
        if watch:
            watch(board)
        lines = [
            _Line(lake, context_of(site, spec), CONNECTORS[spec.kind], board.sources[spec.id], progress)
            for spec in specs
        ]
        for line in lines:
            line.start()
        try:
            _wait(lines, until, board)
        finally:
            for line in lines:
                line.end()
            board.write()
    for line in lines:
        if line.failure is not None:
            raise line.failure
    return {spec.id: line.collected for spec, line in zip(specs, lines, strict=True)}


def _wait(lines: list["_Line"], until: Until, board: Board) -> None:
    started = noted = time.monotonic()
    try:
        while not until.event.wait(0.1):
            if time.monotonic() >= noted + _NOTE_EVERY:
                noted = time.monotonic()
                board.write()
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

    def __init__(
        self, lake: Lake, context: Context, connector: Connector, health: Health, progress: Progress | None
    ) -> None:
        self.collected = Collected()
        self._health = health
        self.failure: Exception | None = None
        self._lake = lake
        self._context = context
        self._source = connector(context)
        self._progress = progress
        self._inbox: Inbox[Any] = Inbox(_INBOX_BYTES)
        self._stop = threading.Event()
        self._is_ending = threading.Event()
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
        listening, landing = self._threads
        listening.join(timeout=60)  # what it delivers at last is landed, too
        self._is_ending.set()
        self._inbox.close()
        landing.join(timeout=60)
        self._source.close()
        if self._health.unkept:
            told = f"{self._health.unkept} arrivals were not kept, because the lake could not be written"
            self.collected.away = f"source {self._context.source}: {told}"

    def idle_since(self, started: float) -> float:
        """Return the seconds since something arrived; 0 while something is being landed.

        What waits to be gathered into a batch does not count: it lands at the end in any case.
        """
        if self._is_landing:
            return 0.0
        return time.monotonic() - max(self._last, started)

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                self._source.listen(self._deliver, self._say, self._stop)
            except NengtanError as trouble:
                self.failure = trouble  # handed to the main thread, which raises it
                return
            except Exception as trouble:  # noqa: BLE001 - whatever a peer makes a library stumble over
                told = f"its peer sent what cannot be read ({trouble!r:.200}); starting again"
                self._say(f"source {self._context.source}: {told}")
                self._stop.wait(_AGAIN * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret

    def _deliver(self, item: Any) -> None:  # noqa: ANN401 - each source has its own kind of arrival
        self._last = time.monotonic()
        self._health.arrived(item)
        self._inbox.put(item)
        self._health.backlog = len(self._inbox)

    def _say(self, away: str | None) -> None:
        self.collected.away = away
        self._health.say(away)

    def _land_all(self) -> None:
        try:
            while self._land() or not self._inbox.is_closed:
                pass
        except Exception as trouble:  # noqa: BLE001 - handed to the main thread, which raises it
            self.failure = trouble
            self._inbox.close()  # nobody waits for room that nobody makes

    def _land(self) -> bool:
        source = self._source
        arrivals = self._inbox.take(source.batch_size, source.batch_seconds, _PATIENCE, bursts=source.is_held_back)
        if not arrivals:
            return False
        self._is_landing = True
        for batch in self._understood(arrivals):
            landed = self._kept(batch)
            if landed is None:
                self._health.unkept += len(arrivals)
                return True
            self.collected.add(landed)
            self._health.landed(landed)
            if self._progress:
                self._progress(landed)
        source.acknowledge(arrivals)
        self._last = time.monotonic()
        self._health.backlog = len(self._inbox)
        self._is_landing = False
        return True

    def _kept(self, batch: Batch) -> Landed | None:
        """Land a batch, again and again where the lake cannot be written; None where we are to end before it can."""
        pause, longest = _WRITE_AGAIN
        while True:
            try:
                landed = self._lake.land(batch)
            except WRITE_FAULTS as trouble:
                self._health.hold_up(f"the lake cannot be written ({trouble!s:.200}); nothing is acknowledged")
            else:
                self._health.hold_up(None)
                return landed
            if self._is_ending.wait(pause * random.uniform(0.5, 1.5)):  # noqa: S311 - jitter, no secret
                return None
            pause = min(2 * pause, longest)

    def _understood(self, arrivals: list[Any]) -> list[Batch]:
        """Return the arrivals as a batch; where one of them makes a decoder fail, each for itself."""
        try:
            return [self._source.batch(arrivals)]
        except NengtanError:
            raise
        except Exception as trouble:  # noqa: BLE001 - whatever it is, the other arrivals are not to blame
            if len(arrivals) > 1:
                return [batch for one in arrivals for batch in self._understood([one])]
            return [_misfit(self._context, arrivals[0], trouble)]


def _misfit(context: Context, arrival: Any, trouble: Exception) -> Batch:  # noqa: ANN401
    """Return a batch that only keeps an arrival which nothing understands."""
    kept = str(arrival.record())
    told = {"position": 0, "reason_code": "bad_payload", "reason": f"cannot be read: {trouble!r:.200}", "payload": kept}
    return Batch(
        source=context.source,
        origin="collector",
        payload=f"{kept}\n".encode(errors="backslashreplace"),
        suffix=".jsonl",
        received_at=now(),
        readings=READING.empty_table(),
        refused=pa.Table.from_pylist([told], REFUSED),
        decimals=context.decimals,
    )
