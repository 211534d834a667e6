"""DL/T 645-2007 and -1997: frames, data identities, values.

`68` A0…A5 `68` C L DATA CS `16`: address and numbers are digits in half bytes, lowest byte first, every byte of DATA is
sent with 33H added, CS is the sum of all before it. An address in points.csv is `<meter>:<data identity>`: eight digits
of identity ask as 2007, four as 1997.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ingestion import bcd
from ingestion.meter_bus import Question, Value
from ingestion.summed import frames, sealed
from lake.errors import SourceShapeError

_ADDRESS = re.compile(r"(\d{12}):([0-9A-Fa-f]{8}|[0-9A-Fa-f]{4})")
_TABLE = Path(__file__).with_name("dlt645_identities.csv")
_WAKE = b"\xfe" * 4
_MOST = 200
_SHIFT = 0x33
#: Of each edition: bytes of a data identity, control code of reading, of an answer, of a refusal.
_EDITIONS = {8: (4, 0x11, 0x91, 0xD1), 4: (2, 0x01, 0x81, 0xC1)}
_MORE = 0x20
_ERRORS = (
    "another error",
    "it has no such data",
    "wrong password, or not allowed",
    "the baud rate cannot be changed",
    "too many year zones",
    "too many day slots",
    "too many tariffs",
)


@dataclass(frozen=True)
class Identity:
    """How the value of a data identity is written."""

    bytes: int
    decimals: int
    is_signed: bool
    trailing: int


def frame(meter: str, control: int, data: bytes = b"") -> bytes:
    """Return a frame; `meter` is the twelve digits on its plate, `data` without 33H."""
    shifted = bytes((byte + _SHIFT) & 0xFF for byte in data)
    body = b"\x68" + bcd.encoded(meter) + b"\x68" + bytes([control, len(data)]) + shifted
    return sealed(body)


def length(begun: bytes) -> int | None:
    """Return how long the frame is that begins here."""
    is_one = len(begun) > 9 and begun[7] == 0x68 and begun[9] <= _MOST
    return 12 + begun[9] if is_one else None


def content(found: bytes) -> bytes:
    """Return a frame's data without 33H."""
    return bytes((byte - _SHIFT) & 0xFF for byte in found[10:-2])


@lru_cache
def identities() -> list[tuple[re.Pattern[str], Identity]]:
    """Return the known data identities as patterns; `x` stands for a digit. Blocks (FF) are not asked for."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return [
            (
                re.compile(row["identity"].replace("xx", "(?!FF)[0-9A-F]{2}").replace("x", "[0-9A-E]")),
                Identity(
                    int(row["bytes"]), int(row["decimals"]), row["is_signed"] == "true", int(row["trailing_bytes"])
                ),
            )
            for row in csv.DictReader(file)
        ]


def identity(name: str) -> Identity | None:
    """Return how a data identity is written, if it is known."""
    return next((known for pattern, known in identities() if pattern.fullmatch(name.upper())), None)


class Dlt645:
    """The dialect of meters of both editions."""

    def questions(self, addresses: Sequence[str]) -> list[Question]:
        """Return one question per address, in the order of the meters."""
        found = []
        for address in sorted(addresses):
            match = _ADDRESS.fullmatch(address.strip())
            if match is None or identity(match[2]) is None:
                raise SourceShapeError(
                    f"dlt645 address {address!r}: write <12 digits>:<data identity>, see docs/protocols.md"
                )
            control = _EDITIONS[len(match[2])][1]
            found.append(Question(match[1], address, _WAKE + frame(match[1], control, bytes.fromhex(match[2])[::-1])))
        return found

    def answer(self, question: Question, received: bytes) -> bytes | None:
        """Return the frame of the meter that was asked about what was asked, or its refusal."""
        name = _identity_of(question)
        _, _, good, refusal = _EDITIONS[len(name)]
        asked = bytes.fromhex(name)[::-1]
        for found in frames(received, length):
            if found[1:7] != bcd.encoded(question.meter):
                continue
            if found[8] == refusal and found[9] == 1:
                return found
            if found[8] & ~_MORE == good and content(found)[: len(asked)] == asked:
                return found
        return None

    def values(self, question: Question, answer: bytes) -> Iterator[Value]:
        """Yield the value of an answer."""
        name, address = _identity_of(question), question.address
        size, _, _, refusal = _EDITIONS[len(name)]
        if answer[8] == refusal:
            reason = f"{address}: the meter refuses: {_errors(content(answer)[0])}"
            yield Value(address, None, code="protocol_error", reason=reason)
            return
        known, data = identity(name), content(answer)[size:]
        if known is None or len(data) != known.bytes + known.trailing or answer[8] & _MORE:
            yield Value(address, None, reason=f"{address}: {len(data)} bytes are not one value of {name}")
            return
        value = data[: known.bytes]
        text = bcd.number(value, known.decimals, is_signed=known.is_signed)
        if set(value) == {0xFF}:
            yield Value(address, None, reason=f"{address}: the meter has no value (FF)")
        elif text is None:
            yield Value(address, None, reason=f"{address}: {value[::-1].hex()} are not digits")
        else:
            yield Value(address, text)


def _identity_of(question: Question) -> str:
    return question.address.strip().partition(":")[2].upper()


def _errors(byte: int) -> str:
    return ", ".join(words for place, words in enumerate(_ERRORS) if byte >> place & 1) or f"error {byte:02X}"
