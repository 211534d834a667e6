"""Modbus TCP, and RTU frames over TCP: devices behind one gateway, polled.

A register that a device refuses does not keep the others. Where devices have a clock of their own, it gives the time of
the reading: it is read before and after the values, and a poll in which it changed is done again, so that no value is
dated into the wrong second. A device whose clock has not moved has not measured anew. Without a clock the instant of
the poll is the time.
"""

import json
import logging
import random
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU

from ingestion import admit, registers
from ingestion.registers import Block, Register
from ingestion.source import Context, now
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceShapeError
from lake.schemas import REFUSED

_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    6: "device busy",
}
_ILLEGAL_ADDRESS = 2
_LASTING = (1, 2, 3)  # exceptions that another try cannot cure
_NO_ANSWER, _NOT_ASKED = -1, -2
_TORN_SECONDS = 2
_UNMOVED_SECONDS = 5.0
_COMPLAINT_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What a device said to one request: bytes, or an exception code."""

    block: Block
    raw: bytes = b""
    exception: int | None = None

    def record(self) -> dict[str, Any]:
        """Return the answer as it stands in the payload."""
        facts: dict[str, Any] = {"fc": self.block.function, "address": self.block.start, "count": self.block.count}
        return facts | ({"hex": self.raw.hex()} if self.exception is None else {"exception": self.exception})

    def complaint(self) -> str:
        """Say what went wrong."""
        if self.exception == _NO_ANSWER:
            return "does not answer"
        if self.exception == _NOT_ASKED:
            return f"answers something else than {self.block.count} registers of function {self.block.function}"
        return f"answers exception {self.exception} ({_EXCEPTIONS.get(self.exception or 0, 'see its manual')})"


@dataclass(frozen=True)
class Poll:
    """One visit to one device."""

    device: int
    polled_at: datetime
    clock: int | None
    answers: tuple[Answer, ...]

    @property
    def size_bytes(self) -> int:
        """Return about how much memory it takes."""
        return 300 + sum(len(answer.raw) + 150 for answer in self.answers)

    @property
    def device_clock(self) -> tuple[str, float] | None:
        """Return the device and by how many seconds its clock was ahead."""
        return None if self.clock is None else (f"{self.device}", self.clock - self.polled_at.timestamp())

    def record(self) -> str:
        """Return the verbatim poll as a line of the payload."""
        facts: dict[str, Any] = {"device": self.device, "polled_at": self.polled_at.isoformat()}
        if self.clock is not None:
            facts["clock"] = self.clock
        return json.dumps(facts | {"answers": [answer.record() for answer in self.answers]})


@dataclass
class _Device:
    """What is asked of a device, and what it last said."""

    number: int
    registers: list[Register]
    blocks: list[Block]
    clock: int | None = None
    read_at: float = 0.0
    complained_at: float = field(default=-_COMPLAINT_SECONDS)


class Modbus:
    """One gateway and the devices behind it."""

    batch_size = 2000
    is_held_back = False

    def __init__(self, context: Context) -> None:
        """Read the addresses; nothing is connected yet."""
        logging.getLogger("pymodbus").addHandler(logging.NullHandler())  # we say ourselves what is away
        settings = context.settings
        self._context = context
        self.batch_seconds = context.batch_seconds()
        self._clock = _clock_block(settings.get("clock"))
        self._period = float(settings.get("poll_seconds", 60))
        parsed = [registers.parse(address) for address in context.points.addresses()]
        self._devices = {
            number: _Device(number, mine, registers.blocks(mine))
            for number in sorted({one.device for one in parsed})
            for mine in [[one for one in parsed if one.device == number]]
        }
        host, self._port = _address(context)
        self._host = host
        timeout = float(settings.get("timeout_seconds", 3))
        self._is_numbered = settings.get("framing") != "rtu"
        framer = FramerType.SOCKET if self._is_numbered else FramerType.RTU
        tries_again = int(self._is_numbered)
        self._client = ModbusTcpClient(host, port=self._port, framer=framer, timeout=timeout, retries=tries_again)

    def listen(self, deliver: Callable[[Poll], None], say: Callable[[str | None], None], stop: threading.Event) -> None:
        """Poll every device in turn until told to stop."""
        failures, due = 0, time.monotonic()
        where = f"source {self._context.source}: the gateway {self._host}:{self._port}"
        while not stop.is_set():
            try:
                if not self._client.connected and not self._connect():
                    raise ConnectionException("no connection")
                failures = 0
                say(None)
                self._round(deliver, stop)
                due = max(due + self._period, time.monotonic())
                stop.wait(due - time.monotonic())
            except (ConnectionException, OSError) as trouble:
                say(f"{where} is away ({trouble}); reconnecting")
                self.close()
                stop.wait(min(0.3 * 2**failures, 30) * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
                failures += 1

    def close(self) -> None:
        """Let go of the gateway."""
        self._client.close()  # type: ignore[no-untyped-call]

    def batch(self, arrivals: Sequence[Poll]) -> Batch:
        """Return the polls as one batch: the lines of the payload are the polls."""
        parts, refused = [], []
        for device in self._devices.values():
            polls = [(line, poll) for line, poll in enumerate(arrivals) if poll.device == device.number]
            parts += [_rows(register, polls) for register in device.registers if polls]
            refused += [row for line, poll in polls for row in _refusals(line, poll, device.registers)]
        rows = pa.concat_tables(parts)
        clock = Clock(unit="iso" if self._clock is None else "s")
        context, received_at = self._context, now()
        admitted = admit.admit(
            rows,
            context.points,
            context.rules(clock),
            received_at,
            lambda lines: [arrivals[line].record() for line in lines],
        )
        return Batch(
            source=context.source,
            origin=f"{self._host}:{self._port}",
            payload="\n".join([*(poll.record() for poll in arrivals), ""]).encode(),
            suffix=".jsonl",
            received_at=received_at,
            readings=admitted.readings,
            refused=pa.concat_tables([admitted.refused, pa.Table.from_pylist(refused, REFUSED)]),
            decimals=context.decimals,
        )

    def acknowledge(self, arrivals: Sequence[Poll]) -> None:
        """A meter expects no acknowledgement: a poll counts when it is recorded."""

    def _connect(self) -> bool:
        return bool(self._client.connect())  # type: ignore[no-untyped-call]

    def _round(self, deliver: Callable[[Poll], None], stop: threading.Event) -> None:
        for device in self._devices.values():
            if stop.is_set():
                return
            poll = self._visit(device)
            if poll is not None:
                deliver(poll)

    def _visit(self, device: _Device) -> Poll | None:
        """Return a consistent reading of a device; None where it has nothing new to say."""
        if self._clock is None:
            return Poll(device.number, now(), None, tuple(self._answers(device)))
        for last_try in (False, False, True):
            before = self._ask(device.number, self._clock)
            if before.exception is not None:
                return self._complaint(device, before)
            seconds = _seconds(before)
            if seconds == device.clock and time.monotonic() - device.read_at < _UNMOVED_SECONDS:
                return None
            polled_at = now()
            answers = tuple(self._answers(device))
            after = self._ask(device.number, self._clock)
            # A clock of seconds may tick in every try; one that jumps further has changed the values, too.
            late = 0 if after.exception is not None else _seconds(after) - seconds
            if after.exception is None and (late == 0 or (last_try and 0 < late < _TORN_SECONDS)):
                is_news = seconds != device.clock
                device.clock, device.read_at = seconds, time.monotonic()
                return Poll(device.number, polled_at, seconds, answers) if is_news else None
        return None

    def _complaint(self, device: _Device, answer: Answer) -> Poll | None:
        """Return a poll that says only that the device is silent, once a minute."""
        if time.monotonic() - device.complained_at < _COMPLAINT_SECONDS:
            return None
        device.complained_at = time.monotonic()
        failed = tuple(Answer(block, exception=answer.exception) for block in device.blocks)
        return Poll(device.number, now(), None, failed)

    def _answers(self, device: _Device) -> Iterator[Answer]:
        for block in list(device.blocks):
            answer = self._ask(device.number, block)
            parts = registers.single(block, device.registers)
            if answer.exception != _ILLEGAL_ADDRESS or len(parts) == 1:
                yield answer
                yield from self._second_try(device, answer)
                continue
            # The device's own map has a seam inside our block: read the values one by one from now on.
            place = device.blocks.index(block)
            device.blocks[place : place + 1] = parts
            yield from (self._ask(device.number, part) for part in parts)

    def _second_try(self, device: _Device, answer: Answer) -> Iterator[Answer]:
        """Yield the answer to one more request where the device was only busy; the refusal is kept beside it."""
        if answer.exception is not None and answer.exception not in _LASTING:
            again = self._ask(device.number, answer.block)
            if again.exception is None:
                yield again

    def _ask(self, device: int, block: Block) -> Answer:
        read = self._client.read_holding_registers if block.function == 3 else self._client.read_input_registers
        try:
            answer = read(block.start, count=block.count, device_id=device)
        except ConnectionException:
            raise
        except ModbusException:
            if not self._is_numbered:
                self.close()  # a late answer must not be taken for that to the next question
            if not self._client.connected and not self._connect():
                raise ConnectionException("the connection broke") from None
            return Answer(block, exception=_NO_ANSWER)
        return understood(block, answer)


def understood(block: Block, answer: ModbusPDU) -> Answer:
    """Return what an answer says about the block that was asked for; one of another shape is no answer to it."""
    if answer.isError():
        return Answer(block, exception=int(getattr(answer, "exception_code", _NO_ANSWER)))
    if answer.function_code != block.function or len(answer.registers) != block.count:
        return Answer(block, exception=_NOT_ASKED)
    return Answer(block, struct.pack(f">{block.count}H", *answer.registers))


def _rows(register: Register, polls: Sequence[tuple[int, Poll]]) -> pa.Table:
    """Return what was received of one register in many polls."""
    lines, times, raws = [], [], []
    for line, poll in polls:
        for answer in poll.answers:
            if answer.exception is None and answer.block.holds(register):
                lines.append(line)
                times.append(poll.polled_at.isoformat() if poll.clock is None else str(poll.clock))
                raws.append(answer.block.cut(answer.raw, register))
                break
    return pa.table(
        {
            "position": pa.array(lines, pa.int64()),
            "address": pa.array([register.address] * len(lines), pa.string()),
            "time": pa.array(times, pa.string()),
            "value": registers.numbers(raws, register),
        }
    )


def _refusals(line: int, poll: Poll, mine: Sequence[Register]) -> Iterator[dict[str, Any]]:
    """Yield a refused row per value that a device did not give."""
    for answer in poll.answers:
        if answer.exception is not None:
            for register in (one for one in mine if answer.block.holds(one)):
                yield {
                    "position": line,
                    "reason_code": "protocol_error",
                    "reason": f"{register.address}: the device {answer.complaint()}",
                    "payload": json.dumps({"device": poll.device, **answer.record()}),
                }


def _clock_block(address: object) -> Block | None:
    """Return the block of the device's clock, given as `[fc:]register`: epoch seconds in two registers."""
    if not address:
        return None
    function, _, start = str(address).rpartition(":")
    try:
        return Block(int(function or 3), int(start, 0), 2)
    except ValueError as cause:
        raise SourceShapeError(f"modbus clock {address!r}: write a register such as 0x0F00, or 4:0x0F00") from cause


def _seconds(answer: Answer) -> int:
    return int.from_bytes(answer.raw[:4], "big")


def _address(context: Context) -> tuple[str, int]:
    parts = urlsplit(str(context.settings["url"]))
    if parts.hostname is None:
        raise SourceShapeError(f"source {context.source}: its url has no host; write tcp://host:502")
    return parts.hostname, parts.port or 502
