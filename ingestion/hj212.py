"""HJ 212-2017 telegrams: framing, the check sum of Annex A, the data segment, the answers.

`##` + 4 digits (bytes of the segment, at most 1024) + segment + 4 hex digits + CR LF. What departs from it is refused
with the reason; a departure is taken only from a station whose settings name it in `deviations`, and the telegram then
says so.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

DEVIATIONS = (
    "crc_lower_case",
    "crc_modbus",
    "crc_modbus_swapped",
    "length_wrong",
    "line_end_missing",
    "version_2005",
)
#: The data flags of the standard as a reading's status; `bad` in front means that the value is not to be used.
FLAGS = {
    "N": "good",
    "F": "stopped",
    "M": "bad_maintenance",
    "S": "manual",
    "D": "bad_fault",
    "C": "bad_calibration",
    "T": "over_range",
    "B": "bad_communication",
}
MOST = 1024
_HEAD = re.compile(rb"##(\d{4})")
_TORN_HEAD = re.compile(rb"#(?:#\d{0,3})?\Z")
_FRAME = 6 + 4  # what stands around a segment, the line's end aside
_SEGMENT = re.compile(rb"(.*);CP=&&(.*)&&", re.DOTALL)
_STATION = re.compile(rb";MN=([0-9A-Za-z]+);")
_FIELDS = {
    "QN": re.compile(r"\d{17}"),
    "ST": re.compile(r"\d\d"),
    "CN": re.compile(r"\d{4}"),
    "PW": re.compile(r"[0-9A-Za-z]*"),
    "MN": re.compile(r"[0-9A-Za-z]{1,24}"),
    "Flag": re.compile(r"\d{1,3}"),
    "PNUM": re.compile(r"\d{1,4}"),
    "PNO": re.compile(r"\d{1,4}"),
}
_NEEDED = ("ST", "CN", "MN")
_ATTRIBUTE = re.compile(r"([A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)=([^=&]*)")


def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
        found.append(crc)
    return tuple(found)


_TABLE = _table()


class TelegramError(Exception):
    """A segment that is not of the standard's form; says where."""


@dataclass(frozen=True)
class Telegram:
    """One telegram whose check sum holds: its fields, its items (attributes by name) and what it departs in."""

    raw: bytes
    fields: dict[str, str]
    items: tuple[dict[str, str], ...]
    deviations: tuple[str, ...] = ()

    @property
    def flag(self) -> int:
        """Return the communication flag: bit 0 asks for an answer, bit 1 says that the telegram is one of several."""
        return int(self.fields.get("Flag", "0"))


@dataclass(frozen=True)
class Fault:
    """Bytes that are no telegram, and why."""

    raw: bytes
    reason: str


def crc(segment: bytes) -> int:
    """Return the check sum of Annex A; it is not CRC-16/MODBUS."""
    found = 0xFFFF
    for byte in segment:
        found = _TABLE[found >> 8 ^ byte]
    return found


def crc_modbus(segment: bytes) -> int:
    """Return CRC-16/MODBUS, which some stations send by mistake."""
    found = 0xFFFF
    for byte in segment:
        found = found >> 8 ^ _TABLE[(found ^ byte) & 0xFF]
    return found


def frame(segment: bytes) -> bytes:
    """Return a segment as a telegram."""
    return b"##%04d%b%04X\r\n" % (len(segment), segment, crc(segment))


def answer(telegram: Telegram) -> bytes:
    """Return the acknowledgement of a telegram: 9013 of a notice (1013), 9014 of data."""
    fields = telegram.fields
    number = "9013" if fields["CN"] == "1013" else "9014"
    given = [("QN", fields.get("QN")), ("ST", "91"), ("CN", number), ("PW", fields.get("PW")), ("MN", fields["MN"])]
    flag = telegram.flag & 0b11111100
    text = ";".join(f"{name}={value}" for name, value in given if value is not None) + f";Flag={flag};CP=&&&&"
    return frame(text.encode())


@dataclass
class Framer:
    """Cuts one connection's bytes into telegrams; `allowed` gives the deviations of a station."""

    allowed: Callable[[str], frozenset[str]]
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, chunk: bytes) -> Iterator[Telegram | Fault]:
        """Yield what is complete; what is not yet waits for the next bytes."""
        self._buffer += chunk
        while self._buffer and (found := self._next()):
            size, given = found
            del self._buffer[:size]
            if given is not None:
                yield given

    def end(self) -> Iterator[Fault]:
        """Yield what was left when the connection ended."""
        if self._buffer.strip():
            yield Fault(bytes(self._buffer), "the connection ended inside a telegram")
        self._buffer.clear()

    def _next(self) -> tuple[int, Telegram | Fault | None] | None:
        """Return how many bytes are done with and what they are; None where more must come."""
        buffer = self._buffer
        head = _HEAD.search(buffer)
        if head is None or head.start():
            return self._between(head)
        stated = int(head[1])
        line, end = buffer.find(b"\r\n", 6), stated + _FRAME
        if 0 <= line < end:
            return self._judged(line + 2, line, f"says {stated} bytes and has {max(line - _FRAME, 0)}")
        if buffer[end : end + 2] == b"\r\n":
            over = f"says {stated} bytes, at most {MOST} are allowed" if stated > MOST else ""
            return self._judged(end + 2, end, over)
        return self._open_ended(stated, line, end)

    def _between(self, head: re.Match[bytes] | None) -> tuple[int, Fault | None] | None:
        """Return what stands before the next telegram; an empty line is nothing."""
        buffer = self._buffer
        torn = _TORN_HEAD.search(buffer)
        size = head.start() if head else torn.start() if torn else len(buffer)
        junk = bytes(buffer[:size])
        if not junk.strip():
            return (size, None) if size else None
        if head is None and size <= MOST:
            return None
        return size, Fault(junk, "bytes that belong to no telegram")

    def _open_ended(self, stated: int, line: int, end: int) -> tuple[int, Telegram | Fault] | None:
        """Judge a telegram that has no CR LF where its length says that it ends."""
        buffer = self._buffer
        if len(buffer) < end:
            return None
        given = self._check(bytes(buffer[:end]), "does not end with CR LF", "line_end_missing")
        if isinstance(given, Telegram):
            return end, given
        if bytes(buffer[end:]) in (b"", b"\r", b"#"):
            return None  # the end of the line may be on its way
        if buffer[end : end + 2] == b"##":
            return self._refused(end, given)
        if line >= 0:
            return self._judged(line + 2, line, f"says {stated} bytes and has {line - _FRAME}")
        return self._refused(len(buffer), given) if len(buffer) > MOST + _FRAME + 2 else None

    def _judged(self, size: int, end: int, length: str) -> tuple[int, Telegram | Fault]:
        raw = bytes(self._buffer[:size])
        given = self._check(raw[:end], length, "length_wrong", raw)
        return (size, given) if isinstance(given, Telegram) else self._refused(size, given)

    def _refused(self, size: int, given: Fault) -> tuple[int, Fault]:
        """Return a refusal, which ends where another telegram seems to begin."""
        inner = _HEAD.search(self._buffer, 2, size)
        size = inner.start() if inner else size
        return size, Fault(bytes(self._buffer[:size]), given.reason)

    def _check(self, text: bytes, complaint: str, deviation: str, raw: bytes | None = None) -> Telegram | Fault:
        """Return the telegram of `##nnnn…CCCC`, or why it is none."""
        segment, given = text[6:-4], text[-4:]
        raw = text if raw is None else raw
        station = _STATION.search(segment)
        allowed = self.allowed(station[1].decode()) if station else frozenset()
        used = [deviation] if complaint else []
        if complaint and deviation not in allowed:
            return Fault(raw, f"the telegram {complaint}")
        trouble = _sum_trouble(segment, given, allowed, used)
        if trouble:
            return Fault(raw, trouble)
        try:
            fields, items = parse(segment)
        except TelegramError as cause:
            return Fault(raw, str(cause))
        telegram = Telegram(raw, fields, items, ())
        version = telegram.flag >> 2 if "Flag" in fields and "QN" in fields else 0
        if version == 0:
            used.append("version_2005")
        if version > 1 or not set(used) <= allowed:
            return Fault(raw, f"Flag {fields.get('Flag', 'missing')} is not of the edition of 2017 (4 to 7)")
        return Telegram(raw, fields, items, tuple(used))


def _sum_trouble(segment: bytes, given: bytes, allowed: frozenset[str], used: list[str]) -> str | None:
    """Say what is wrong with a check sum; note in `used` what was let pass."""
    if not re.fullmatch(rb"[0-9A-Fa-f]{4}", given):
        return f"{given.decode('ascii', 'backslashreplace')!r} is no check sum, four hex digits are"
    if given != given.upper():
        used.append("crc_lower_case")
    told, right, modbus = int(given, 16), crc(segment), crc_modbus(segment)
    kinds = {"crc_modbus": modbus, "crc_modbus_swapped": modbus >> 8 | (modbus & 0xFF) << 8}
    wrong = [name for name, value in kinds.items() if told == value] if told != right else []
    used += wrong[:1]
    if told != right and not wrong:
        return f"the check sum is {given.decode()}, Annex A gives {right:04X}"
    missing = [name for name in used if name not in allowed and name.startswith("crc")]
    return (
        f"the check sum {given.decode()} is {missing[0]}; the station's `deviations` do not name it"
        if missing
        else None
    )


def parse(segment: bytes) -> tuple[dict[str, str], tuple[dict[str, str], ...]]:
    """Return the fields and the items of a segment; raises TelegramError where it is not of the standard's form."""
    parts = _SEGMENT.fullmatch(segment)
    if parts is None:
        raise TelegramError("the segment has no CP=&&…&& at its end")
    fields: dict[str, str] = {}
    for text in parts[1].decode("ascii", "replace").split(";"):
        name, _, value = text.partition("=")
        if name not in _FIELDS or not _FIELDS[name].fullmatch(value):
            raise TelegramError(f"{text!r} is no field of a segment")
        if name in fields:
            raise TelegramError(f"{name} stands twice")
        fields[name] = value
    for name in _NEEDED:
        if name not in fields:
            raise TelegramError(f"{name} is missing")
    return fields, tuple(_items(parts[2]))


def _items(body: bytes) -> Iterator[dict[str, str]]:
    seen: set[str] = set()
    for text in body.decode("gb18030", "replace").split(";"):
        if not text:
            continue
        item: dict[str, str] = {}
        for part in text.split(","):
            match = _ATTRIBUTE.fullmatch(part)
            if match is None:
                raise TelegramError(f"{part!r} is no attribute, name=value is")
            if match[1] in seen:
                raise TelegramError(f"{match[1]} stands twice")
            seen.add(match[1])
            item[match[1]] = match[2]
        yield item
