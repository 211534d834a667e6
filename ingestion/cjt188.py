"""CJ/T 188: water, gas and heat meters; frames, the reply to 901F, units.

`68` T A0…A6 C L DATA CS `16`: type, address (14 digits in half bytes, lowest byte first), CS is the sum of all before
it; nothing is added to the bytes. An address in points.csv is `<type>:<14 digits>:<quantity>`, the quantity as in
LAYOUTS, such as 10:78330011223344:volume.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingestion import bcd
from ingestion.meter_bus import Question, Value
from ingestion.summed import frames, sealed
from lake.errors import SourceShapeError

_ADDRESS = re.compile(r"([1-4][0-9]):(\d{14}):([a-z_]+)")
_WAKE = b"\xfe" * 3
_READ, _ANSWER, _REFUSAL = 0x01, 0x81, 0xC1
_IDENTITIES = (b"\x90\x1f", b"\x1f\x90")  # meters are found that turn them round
_BATTERY = 0x04
#: Code of a unit: its name, and the units of points.csv that say the same.
UNITS: Mapping[int, tuple[str, tuple[str, ...]]] = {
    0x01: ("J", ()),
    0x02: ("Wh", ("Wh",)),
    0x05: ("kWh", ("kWh",)),
    0x08: ("MWh", ("MWh",)),
    0x0A: ("100 MWh", ()),
    0x0B: ("kJ", ("kJ",)),
    0x0E: ("MJ", ("MJ",)),
    0x11: ("GJ", ("GJ",)),
    0x13: ("100 GJ", ()),
    0x14: ("W", ("W",)),
    0x17: ("kW", ("kW",)),
    0x1A: ("MW", ("MW",)),
    0x29: ("L", ("L",)),
    0x2C: ("m3", ("m3", "m3_actual", "m3_20c", "m3_0c")),
}
_HEAT = (0x01, 0x02, 0x05, 0x08, 0x0A, 0x0B, 0x0E, 0x11, 0x13)
_POWER, _VOLUME, _NONE = (0x14, 0x17, 0x1A), (0x29, 0x2C), ()


@dataclass(frozen=True)
class Field:
    """One quantity of a reply: its place, size, decimal places and the units that may stand beside it."""

    start: int
    size: int
    decimals: int
    units: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """What a kind of meter replies: its quantities, the length of all and where the status stands."""

    fields: Mapping[str, Field]
    length: int
    status: int


_FLOW_METER = Layout({"volume": Field(0, 4, 2, _VOLUME), "settled_volume": Field(5, 4, 2, _VOLUME)}, 19, 17)
#: The flow at the moment is left out: sources differ about its decimal places.
_HEAT_METER = Layout(
    {
        "settled_heat": Field(0, 4, 2, _HEAT),
        "heat": Field(5, 4, 2, _HEAT),
        "power": Field(10, 4, 2, _POWER),
        "volume": Field(20, 4, 2, _VOLUME),
        "supply_temperature": Field(25, 3, 2, _NONE),
        "return_temperature": Field(28, 3, 2, _NONE),
        "running_time": Field(31, 3, 0, _NONE),
    },
    43,
    41,
)
#: By the first digit of the type: water, heat and cooling, gas.
LAYOUTS = {"1": _FLOW_METER, "2": _HEAT_METER, "3": _FLOW_METER}


def frame(kind: str, meter: str, control: int, data: bytes) -> bytes:
    """Return a frame; `kind` is two hex digits, `meter` fourteen digits."""
    body = b"\x68" + bytes.fromhex(kind) + bcd.encoded(meter) + bytes([control, len(data)]) + data
    return sealed(body)


def length(begun: bytes) -> int | None:
    """Return how long the frame is that begins here."""
    return 13 + begun[10] if len(begun) > 10 else None


class Cjt188:
    """The dialect; `units` are those of the points, `unit_first` the meters that put a unit before its value."""

    def __init__(self, units: Mapping[str, str | None], unit_first: Sequence[str] = ()) -> None:
        """Take what the site says about the meters."""
        self._units = units
        self._unit_first = frozenset(unit_first)

    def questions(self, addresses: Sequence[str]) -> list[Question]:
        """Return one question per meter."""
        meters: dict[str, Question] = {}
        for address in sorted(addresses):
            match = _ADDRESS.fullmatch(address.strip())
            layout = LAYOUTS.get(match[1][0]) if match else None
            if match is None or layout is None or match[3] not in layout.fields:
                raise SourceShapeError(
                    f"cjt188 address {address!r}: write <type>:<14 digits>:<quantity>, see docs/protocols.md"
                )
            asked = frame(match[1], match[2], _READ, _IDENTITIES[0] + b"\x00")
            meters.setdefault(match[2], Question(match[2], f"{match[1]}:{match[2]}", _WAKE + asked))
        return list(meters.values())

    def answer(self, question: Question, received: bytes) -> bytes | None:
        """Return the reply of the meter that was asked, or its refusal."""
        for found in frames(received, length):
            if found[2:9] != bcd.encoded(question.meter):
                continue
            if found[9] == _REFUSAL or (found[9] == _ANSWER and found[11:13] in _IDENTITIES):
                return found
        return None

    def values(self, question: Question, answer: bytes) -> Iterator[Value]:
        """Yield every quantity of a reply."""
        kind = question.address[:1]
        layout, data = LAYOUTS[kind], answer[14:-2]
        if answer[9] == _REFUSAL:
            reason = f"{question.address}: the meter refuses ({answer[11:-2].hex() or 'without a reason'})"
            yield Value(question.address, None, code="protocol_error", reason=reason)
        elif answer[1] >> 4 != int(kind) or len(data) != layout.length:
            reason = f"{question.address}: {len(data)} bytes of type {answer[1]:02x} are no reply of such a meter"
            yield Value(question.address, None, reason=reason)
        else:
            status = "battery_low" if data[layout.status] & _BATTERY else "good"
            for name, field in layout.fields.items():
                yield self._value(f"{question.address}:{name}", question.meter, field, data, status)

    def _value(self, address: str, meter: str, field: Field, data: bytes, status: str) -> Value:
        is_first = bool(field.units) and meter in self._unit_first
        start = field.start + is_first
        raw = data[start : start + field.size]
        if set(raw) == {0xFF}:
            return Value(address, None, reason=f"{address}: the meter has no value (FF)")
        if field.units:
            trouble = self._unit_trouble(address, field, data[field.start if is_first else start + field.size])
            if trouble:
                return Value(address, None, reason=f"{address}: {trouble}")
        text = bcd.number(raw, field.decimals)
        if text is None:
            return Value(address, None, reason=f"{address}: {raw[::-1].hex()} are not digits")
        return Value(address, text, status)

    def _unit_trouble(self, address: str, field: Field, code: int) -> str | None:
        if code not in field.units:
            return (
                f"{code:02X} is no unit of this quantity; a meter that puts it before the value belongs in `unit_first`"
            )
        name, said = UNITS[code]
        unit = self._units.get(address)
        if unit is not None and unit not in said:
            return f"the meter counts in {name}, the point in {unit}: correct points.csv"
        return None
