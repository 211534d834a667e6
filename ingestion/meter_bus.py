"""Meters behind a TCP serial server that answer one question at a time: asking, waiting, reconnecting, batching.

What is asked and how an answer is read is a Dialect's: DL/T 645, CJ/T 188. Everything that the line gives is kept, and
an answer that came too late for the question before is not taken for one to this.
"""

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import pyarrow as pa

from ingestion import admit
from ingestion.source import Context, now
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceShapeError
from lake.schemas import READING, REFUSED

_MOST = 4096
_TRIES = 2


@dataclass(frozen=True)
class Question:
    """One request to one meter; `address` is the point's, or what several points' addresses begin with."""

    meter: str
    address: str
    frame: bytes


@dataclass(frozen=True)
class Value:
    """One value of an answer as text, or why there is none."""

    address: str
    text: str | None
    status: str = "good"
    code: str = "bad_value"
    reason: str = ""


class Dialect(Protocol):
    """A protocol of questions and answers."""

    def questions(self, addresses: Sequence[str]) -> list[Question]:
        """Return what is to be asked so that every address gets a value; raise SourceShapeError for a wrong one."""
        ...

    def answer(self, question: Question, received: bytes) -> bytes | None:
        """Return the frame among the received bytes that answers the question; None while there is none."""
        ...

    def values(self, question: Question, answer: bytes) -> Iterator[Value]:
        """Yield the values of an answer."""
        ...


@dataclass(frozen=True)
class Reply:
    """One question and all that came back; `answer` is empty where nothing of it answers."""

    question: Question
    asked_at: datetime
    received: bytes
    answer: bytes | None

    @property
    def size_bytes(self) -> int:
        """Return about how much memory it takes."""
        return 400 + 2 * len(self.received)

    def record(self) -> str:
        """Return the verbatim exchange as a line of the payload."""
        facts = {"meter": self.question.meter, "asked_at": self.asked_at.isoformat()}
        return json.dumps(facts | {"sent": self.question.frame.hex(), "received": self.received.hex()})


@dataclass
class _Line:
    """The connection to a serial server."""

    host: str
    port: int
    timeout: float
    _socket: socket.socket | None = field(default=None, repr=False)

    def connect(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection((self.host, self.port), self.timeout)
        return self._socket

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, frame: bytes, is_answered: Callable[[bytes], bool]) -> bytes:
        """Return what came within the time, as soon as it holds an answer; raises OSError where the line breaks."""
        line = self.connect()
        self._drain(line)
        line.settimeout(self.timeout)
        line.sendall(frame)
        received, deadline = b"", time.monotonic() + self.timeout
        while (left := deadline - time.monotonic()) > 0 and len(received) < _MOST:
            line.settimeout(left)
            try:
                chunk = line.recv(_MOST)
            except TimeoutError:
                break
            if not chunk:
                raise ConnectionError("the serial server hung up")
            received += chunk
            if is_answered(received):
                break
        return received

    @staticmethod
    def _drain(line: socket.socket) -> None:
        """Throw away what came when nobody had asked."""
        line.setblocking(False)
        try:
            while line.recv(_MOST):
                pass
        except BlockingIOError:
            return
        raise ConnectionError("the serial server hung up")


class MeterBus:
    """One serial server and the meters behind it."""

    batch_size = 2000
    is_held_back = False

    def __init__(self, context: Context, dialect: Dialect) -> None:
        """Read the addresses; nothing is connected yet."""
        settings = context.settings
        parts = urlsplit(str(settings["url"]))
        if parts.hostname is None or parts.port is None:
            raise SourceShapeError(f"source {context.source}: its url names no host and port; write tcp://host:port")
        self._context = context
        self._dialect = dialect
        self.batch_seconds = context.batch_seconds()
        self._period = float(settings.get("poll_seconds", 60))
        self._questions = dialect.questions(context.points.addresses())
        self._wanted = frozenset(context.points.addresses())
        self._line = _Line(parts.hostname, parts.port, float(settings.get("timeout_seconds", 3)))

    def listen(
        self, deliver: Callable[[Reply], None], say: Callable[[str | None], None], stop: threading.Event
    ) -> None:
        """Ask every meter in turn until told to stop."""
        failures, due = 0, time.monotonic()
        where = f"source {self._context.source}: the serial server {self._line.host}:{self._line.port}"
        while not stop.is_set():
            try:
                self._line.connect()
                silent = self._round(deliver, stop)
                failures = 0
                say(f"source {self._context.source}: no answer from meter {', '.join(silent[:10])}" if silent else None)
                due = max(due + self._period, time.monotonic())
                stop.wait(due - time.monotonic())
            except OSError as trouble:
                say(f"{where} is away ({trouble}); reconnecting")
                self._line.close()
                stop.wait(min(0.3 * 2**failures, 30) * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
                failures += 1

    def close(self) -> None:
        """Let go of the serial server."""
        self._line.close()

    def acknowledge(self, arrivals: Sequence[Reply]) -> None:
        """A meter expects no acknowledgement: a reply counts when it is recorded."""

    def batch(self, arrivals: Sequence[Reply]) -> Batch:
        """Return the replies as one batch: the lines of the payload are the replies."""
        rows: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for line, reply in enumerate(arrivals):
            for value in self._values(reply):
                if value.address not in self._wanted and value.address != reply.question.address:
                    continue
                if value.text is None:
                    refused.append(_refusal(line, reply, value))
                else:
                    at = reply.asked_at
                    rows.append(
                        {"position": line, "address": value.address, "time": at, "value": value.text}
                        | {"status": value.status}
                    )
        received_at = now()
        admitted = self._admitted(rows, arrivals, received_at)
        return Batch(
            source=self._context.source,
            origin=f"{self._line.host}:{self._line.port}",
            payload="\n".join([*(reply.record() for reply in arrivals), ""]).encode(),
            suffix=".jsonl",
            received_at=received_at,
            readings=admitted.readings,
            refused=pa.concat_tables([admitted.refused, pa.Table.from_pylist(refused, REFUSED)]),
            decimals=self._context.decimals,
        )

    def _round(self, deliver: Callable[[Reply], None], stop: threading.Event) -> list[str]:
        """Ask everything once; a meter that did not answer is asked nothing more in this round. Return the silent."""
        silent: list[str] = []
        for question in self._questions:
            if stop.is_set():
                break
            if question.meter in silent:
                continue
            reply = self._ask(question)
            deliver(reply)
            if reply.answer is None:
                silent.append(question.meter)
        return silent

    def _ask(self, question: Question) -> Reply:
        received = b""
        for _ in range(_TRIES):
            asked_at = now()
            received = self._line.ask(question.frame, lambda got: self._dialect.answer(question, got) is not None)
            answer = self._dialect.answer(question, received)
            if answer is not None:
                break
        return Reply(question, asked_at, received, answer)

    def _values(self, reply: Reply) -> Iterator[Value]:
        question = reply.question
        if reply.answer is None:
            what = "answers with what is no answer to the question" if reply.received else "does not answer"
            reason = f"{question.address}: the meter {what}"
            yield Value(question.address, None, code="protocol_error", reason=reason)
            return
        yield from self._dialect.values(question, reply.answer)

    def _admitted(self, rows: list[dict[str, Any]], arrivals: Sequence[Reply], received_at: datetime) -> admit.Admitted:
        if not rows:
            return admit.Admitted(READING.empty_table(), REFUSED.empty_table())
        context = self._context
        return admit.admit(
            pa.Table.from_pylist(rows),
            context.points,
            context.rules(Clock()),
            received_at,
            lambda lines: [arrivals[line].record() for line in lines],
        )


def _refusal(line: int, reply: Reply, value: Value) -> dict[str, Any]:
    return {"position": line, "reason_code": value.code, "reason": value.reason, "payload": reply.record()}
