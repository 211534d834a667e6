"""IEC 60870-5-104: the frames and the measured values that a centre needs of a station; its own small subset.

`68` length control(4) ASDU. The ASDU: type, number (top bit: one address, then values in a row), cause (2), common
address (2), then objects of an address (3) and a value, low bytes first. An address in points.csv is
`<common address>:<object address>`. Other types are passed over: they are no measured values.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

START = 0x68
STARTDT_ACT, STARTDT_CON, TESTFR_ACT, TESTFR_CON = 0x07, 0x0B, 0x43, 0x83
_MODULO = 1 << 15
_INTERROGATION, _COUNTERS, _ACTIVATION = 100, 101, 6
_TEST = 0x80
_STATES = ((0x80, "bad_invalid"), (0x40, "bad_not_topical"), (0x20, "substituted"), (0x10, "blocked"))


class FrameError(Exception):
    """Bytes that are no frame, or a frame out of order: the connection cannot be trusted any more."""


@dataclass(frozen=True)
class Reading:
    """One value; `at` is the station's wall clock where it tells one, `trouble` why there is no value."""

    address: str
    text: str | None
    status: str
    at: datetime | None
    trouble: str = ""


@dataclass(frozen=True)
class Frame:
    """One frame: numbered (`sent` is its number) or not (`function`), and what it acknowledges."""

    raw: bytes
    sent: int | None = None
    function: int | None = None

    @property
    def asdu(self) -> bytes:
        """Return what a numbered frame carries."""
        return self.raw[6:]


class Framer:
    """Cuts the bytes of one connection into frames."""

    def __init__(self) -> None:
        """Start without bytes."""
        self._buffer = b""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Yield the frames that are whole; raises FrameError where the bytes are none."""
        self._buffer += chunk
        while len(self._buffer) >= 2:
            size = self._buffer[1] + 2
            if self._buffer[0] != START or not 6 <= size <= 255:
                raise FrameError(f"{self._buffer[:6].hex()} begins no frame")
            if len(self._buffer) < size:
                return
            raw, self._buffer = self._buffer[:size], self._buffer[size:]
            yield _frame(raw)


def _frame(raw: bytes) -> Frame:
    control = int.from_bytes(raw[2:4], "little")
    if control & 1 == 0:
        return Frame(raw, sent=control >> 1)
    return Frame(raw, function=raw[2] if control & 3 == 3 else None)


def unnumbered(function: int) -> bytes:
    """Return a frame that starts, stops or tests the connection."""
    return bytes([START, 4, function, 0, 0, 0])


def supervisory(received: int) -> bytes:
    """Return the acknowledgement of all numbered frames before `received`."""
    return bytes([START, 4, 1, 0]) + struct.pack("<H", received % _MODULO << 1)


def questions(station: int, sent: int, received: int, *, counters: bool) -> bytes:
    """Return the general interrogation of a station (QOI 20), or that of its counters (QCC 5)."""
    kind, qualifier = (_COUNTERS, 5) if counters else (_INTERROGATION, 20)
    asdu = struct.pack("<BBHH", kind, 1, _ACTIVATION, station) + bytes([0, 0, 0, qualifier])
    control = struct.pack("<HH", sent % _MODULO << 1, received % _MODULO << 1)
    return bytes([START, 4 + len(asdu)]) + control + asdu


def following(number: int) -> int:
    """Return the number of the next frame."""
    return (number + 1) % _MODULO


def readings(asdu: bytes) -> Iterator[Reading]:
    """Yield the measured values of an ASDU; raises FrameError where its length is not that of its objects."""
    if len(asdu) < 6:
        raise FrameError(f"{asdu.hex()} is too short for an ASDU")
    kind, number, cause, _, station = struct.unpack("<BBBBH", asdu[:6])
    if kind not in _TYPES or cause & _TEST:
        return
    size, value_of, has_time = _TYPES[kind]
    size += 7 if has_time else 0
    count, in_a_row = number & 0x7F, bool(number & 0x80)
    body = asdu[6:]
    if len(body) != (3 + count * size if in_a_row else count * (3 + size)):
        raise FrameError(f"type {kind} with {count} objects does not have {len(body)} bytes")
    for place in range(count):
        start = 3 + place * size if in_a_row else place * (3 + size) + 3
        first = 0 if in_a_row else start - 3
        address = int.from_bytes(body[first : first + 3], "little") + (place if in_a_row else 0)
        element = body[start : start + size]
        text, status = value_of(element)
        at, trouble = _time(element[-7:]) if has_time else (None, "")
        yield Reading(f"{station}:{address}", text, status, at, trouble)


def _quality(code: int, *, overflow: bool = True) -> str:
    status = next((word for bit, word in _STATES if code & bit), "good")
    return "over_range" if status == "good" and overflow and code & 1 else status


def _single(raw: bytes) -> tuple[str, str]:
    return str(raw[0] & 1), _quality(raw[0], overflow=False)


def _normalized(raw: bytes) -> tuple[str, str]:
    counts: int = struct.unpack("<h", raw[:2])[0]
    return repr(counts / 32768), _quality(raw[2])  # a fraction of two: every digit is there


def _scaled(raw: bytes) -> tuple[str, str]:
    return str(struct.unpack("<h", raw[:2])[0]), _quality(raw[2])


def _short(raw: bytes) -> tuple[str, str]:
    number = np.frombuffer(raw[:4], "<f4")[0]
    return str(number), _quality(raw[4])


def _counter(raw: bytes) -> tuple[str, str]:
    status = "bad_invalid" if raw[4] & 0x80 else "adjusted" if raw[4] & 0x40 else "good"
    return str(struct.unpack("<i", raw[:4])[0]), status


def _time(raw: bytes) -> tuple[datetime | None, str]:
    """Return a CP56Time2a as a wall clock, or why it is none."""
    millis, minute, hour, day, month, year = struct.unpack("<HBBBBB", raw)
    if minute & 0x80:
        return None, "the station says that its clock is wrong"
    try:
        parts = (2000 + (year & 0x7F), month & 0x0F, day & 0x1F, hour & 0x1F, minute & 0x3F)
        return datetime(*parts, millis // 1000, millis % 1000 * 1000), ""  # noqa: DTZ001 - placed on admission
    except ValueError:
        return None, f"{raw.hex()} is no time"


#: Type: bytes of a value without address and time, how it is read, whether a time follows.
_TYPES: dict[int, tuple[int, Callable[[bytes], tuple[str, str]], bool]] = {
    1: (1, _single, False),
    9: (3, _normalized, False),
    11: (3, _scaled, False),
    13: (5, _short, False),
    15: (5, _counter, False),
    30: (1, _single, True),
    34: (3, _normalized, True),
    35: (3, _scaled, True),
    36: (5, _short, True),
    37: (5, _counter, True),
}
