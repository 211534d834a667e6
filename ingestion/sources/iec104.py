"""IEC 60870-5-104: we are the controlling station; numbered frames are acknowledged after their commit.

A station repeats on the next connection what it buffered and we did not acknowledge. On each connection, and every
`interrogation_seconds`, all values and counters are asked for.
"""

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from ingestion import admit, iec104
from ingestion.arriving import ArrivalClock
from ingestion.iec104 import Frame, FrameError, Framer
from ingestion.source import Context
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceShapeError
from lake.schemas import READING, REFUSED
from lake.schemas import UTC as INSTANT

_TICK, _CHUNK = 0.2, 65536
_CONFIRM, _SILENT = 15.0, 20.0  # t1 and t3 of the standard
Say = Callable[[str | None], None]


@dataclass(frozen=True)
class Arrival:
    """One numbered frame; `connection` numbers the connection that may be told of its commit."""

    frame: Frame
    connection: int
    arrived_at: datetime

    @property
    def size_bytes(self) -> int:
        """Return about how much memory it takes."""
        return 800

    def record(self) -> str:
        """Return the verbatim frame as a line of the payload."""
        return json.dumps({"arrived_at": self.arrived_at.isoformat(), "hex": self.frame.raw.hex()})


class Iec104:
    """One station computer and the common addresses behind it."""

    batch_size = 1000
    is_held_back = True

    def __init__(self, context: Context) -> None:
        """Read the settings; nothing is connected yet."""
        self._context = context
        self.batch_seconds = float(context.settings.get("batch_seconds") or 0.5)
        self._interval = float(context.settings.get("interrogation_seconds", 900))
        self._wanted = frozenset(context.points.addresses())
        self._stations = sorted({int(address.partition(":")[0]) for address in self._wanted})
        self._host, self._port = _address(context)
        self._arrivals = ArrivalClock()
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._connection = 0
        self._sent = self._committed = self._expected = 0
        self._due = float("inf")
        self._say: Say = lambda away: None

    def listen(self, deliver: Callable[[Arrival], None], say: Say, stop: threading.Event) -> None:
        """Stay connected until told to stop; reconnect with jitter."""
        self._say = say
        failures, where = 0, f"source {self._context.source}: the station {self._host}:{self._port}"
        while not stop.is_set():
            try:
                with socket.create_connection((self._host, self._port), 10) as connection:
                    self._begin(connection)
                    failures = 0
                    self._talk(connection, deliver, stop)
            except (OSError, FrameError) as trouble:
                say(f"{where} is away ({trouble}); reconnecting")
            finally:
                with self._guard:
                    self._socket = None
            stop.wait(min(0.3 * 2**failures, 30) * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            failures = min(failures + 1, 10)

    def close(self) -> None:
        """The connection ends with the listening."""

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Acknowledge what came by the connection that still stands; the rest will come again."""
        with self._guard:
            mine = [arrival for arrival in arrivals if arrival.connection == self._connection]
            if self._socket is None or not mine:
                return
            assert mine[-1].frame.sent is not None, "only numbered frames arrive"
            self._committed = iec104.following(mine[-1].frame.sent)
            with suppress(OSError):  # the listening thread finds out
                self._socket.sendall(iec104.supervisory(self._committed))

    def batch(self, arrivals: Sequence[Arrival]) -> Batch:
        """Return the frames as one batch, a line of the payload each."""
        rows: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for line, arrival in enumerate(arrivals):
            for row in self._rows(line, arrival):
                (refused if "reason" in row else rows).append(row)
        admitted = self._admitted(rows, arrivals)
        return Batch(
            source=self._context.source,
            origin=f"{self._host}:{self._port}",
            payload="\n".join([*(arrival.record() for arrival in arrivals), ""]).encode(),
            suffix=".jsonl",
            received_at=arrivals[-1].arrived_at,
            readings=admitted.readings,
            refused=pa.concat_tables([admitted.refused, pa.Table.from_pylist(refused, REFUSED)]),
            decimals=self._context.decimals,
        )

    def _begin(self, connection: socket.socket) -> None:
        with self._guard:
            self._socket = connection
            self._connection += 1
            self._sent = self._committed = self._expected = 0
            self._due = float("inf")  # nothing is asked before the station has started

    def _talk(self, connection: socket.socket, deliver: Callable[[Arrival], None], stop: threading.Event) -> None:
        """Serve one connection until it breaks or we are told to stop."""
        framer, heard, tested = Framer(), time.monotonic(), 0.0
        connection.settimeout(_TICK)
        self._send(iec104.unnumbered(iec104.STARTDT_ACT))
        while not stop.is_set():
            try:
                chunk = connection.recv(_CHUNK)
                if not chunk:
                    raise ConnectionError("it hung up")
                heard = time.monotonic()
            except TimeoutError:
                chunk = b""
            for frame in framer.feed(chunk):
                self._heard(frame, deliver)
            if time.monotonic() >= self._due:
                self._due = time.monotonic() + self._interval
                self._interrogate()
            silence = time.monotonic() - heard
            if silence > _SILENT + _CONFIRM:
                raise ConnectionError("it is silent")
            if silence > _SILENT and tested < heard:
                tested = time.monotonic()
                self._send(iec104.unnumbered(iec104.TESTFR_ACT))

    def _heard(self, frame: Frame, deliver: Callable[[Arrival], None]) -> None:
        if frame.function == iec104.STARTDT_CON:
            self._say(None)
            self._due = time.monotonic()
        elif frame.function == iec104.TESTFR_ACT:
            self._send(iec104.unnumbered(iec104.TESTFR_CON))
        elif frame.sent is not None:
            if frame.sent != self._expected:
                raise FrameError(f"frame {frame.sent} came where {self._expected} was due")
            self._expected = iec104.following(self._expected)
            deliver(Arrival(frame, self._connection, self._arrivals.tick()))

    def _interrogate(self) -> None:
        for station in self._stations:
            for counters in (False, True):
                with self._guard:
                    question = iec104.questions(station, self._sent, self._committed, counters=counters)
                    self._sent = iec104.following(self._sent)
                self._send(question)

    def _send(self, content: bytes) -> None:
        with self._guard:
            if self._socket is not None:
                self._socket.sendall(content)

    def _rows(self, line: int, arrival: Arrival) -> list[dict[str, Any]]:
        try:
            found = [one for one in iec104.readings(arrival.frame.asdu) if one.address in self._wanted]
        except FrameError as trouble:
            return [_refusal(line, arrival, "bad_payload", str(trouble))]
        return [
            _refusal(line, arrival, "bad_time", f"{one.address}: {one.trouble}")
            if one.trouble
            else {
                "position": line,
                "address": one.address,
                # The station's wall clock is placed in its zone on admission; an arrival says its own.
                "time": (one.at or arrival.arrived_at).isoformat(),
                "value": one.text,
                "status": one.status,
                "arrived_at": arrival.arrived_at,
            }
            for one in found
        ]

    def _admitted(self, rows: list[dict[str, Any]], arrivals: Sequence[Arrival]) -> admit.Admitted:
        if not rows:
            return admit.Admitted(READING.empty_table(), REFUSED.empty_table())
        texts = {name: pa.string() for name in ("address", "time", "value", "status")}
        context = self._context
        return admit.admit(
            pa.Table.from_pylist(rows, pa.schema({"position": pa.int64(), **texts, "arrived_at": INSTANT})),
            context.points,
            context.rules(Clock(zone=context.zone())),
            arrivals[-1].arrived_at,
            lambda lines: [arrivals[line].record() for line in lines],
        )


def _refusal(line: int, arrival: Arrival, code: str, reason: str) -> dict[str, Any]:
    return {"position": line, "reason_code": code, "reason": reason, "payload": arrival.record()}


def _address(context: Context) -> tuple[str, int]:
    parts = urlsplit(str(context.settings["url"]))
    if parts.hostname is None:
        raise SourceShapeError(f"source {context.source}: its url has no host; write tcp://10.0.0.4:2404")
    return parts.hostname, parts.port or 2404
