"""OPC UA data values to received rows: the server's status code becomes the status, the source's time the time.

Nothing is imported from the library here, because its import takes seconds: a data value is looked at as it comes.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

_EXACT = ("SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Double", "String")
_SEVERITY, _BAD, _CODE = 0xC000_0000, 0x8000_0000, 0xFFFF_0000
_OVERFLOW = 0x0480  # info bits: it is a data value, and the server's queue lost some before it
_LONGEST = 1000
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Received:
    """One data value of one address; `text` is None where there is no number, and `trouble` says why."""

    address: str
    text: str | None
    kind: str
    status: str
    source_at: datetime | None
    server_at: datetime | None
    arrived_at: datetime
    trouble: str = ""
    has_lost: bool = False

    @property
    def size_bytes(self) -> int:
        """Return about how much memory it takes."""
        return 400 + len(self.text or "")

    @property
    def device_clock(self) -> tuple[str, float] | None:
        """Return by how many seconds the server's clock was ahead."""
        return None if self.server_at is None else ("server", (self.server_at - self.arrived_at).total_seconds())

    @property
    def at(self) -> datetime:
        """Return the time of the source, else the server's, else that of arrival."""
        return self.source_at or self.server_at or self.arrived_at

    def record(self) -> str:
        """Return the data value as a line of the payload."""
        facts = {"node": self.address, "value": self.text, "type": self.kind, "status": self.status}
        times = {"source_at": self.source_at, "server_at": self.server_at, "arrived_at": self.arrived_at}
        told = {name: at.isoformat() for name, at in times.items() if at is not None}
        lost = {"has_lost": True} if self.has_lost else {}
        return json.dumps(facts | told | lost, ensure_ascii=False)


def received(address: str, data: Any, arrived_at: datetime) -> Received:  # noqa: ANN401 - a DataValue of the library
    """Return what a data value says."""
    code = int(data.StatusCode.value) if data.StatusCode is not None else 0
    status = _status(data.StatusCode, code)
    variant = data.Value
    kind = variant.VariantType.name if variant is not None else "Null"
    value = variant.Value if variant is not None else None
    text, trouble = _number(value, kind)
    if trouble and code & _SEVERITY:
        trouble = f"the server says {status}"
    return Received(
        address=address,
        text=text,
        kind=kind,
        status=status,
        source_at=_zoned(data.SourceTimestamp),
        server_at=_zoned(data.ServerTimestamp),
        arrived_at=arrived_at,
        trouble=trouble,
        has_lost=code & _OVERFLOW == _OVERFLOW,
    )


def packed(one: Received) -> list[Any]:
    """Return a data value as JSON can say it."""
    times = [None if at is None else at.isoformat() for at in (one.source_at, one.server_at, one.arrived_at)]
    return [one.address, one.text, one.kind, one.status, *times, one.trouble, one.has_lost]


def unpacked(told: Sequence[Any]) -> Received:
    """Return the data value that was packed."""
    address, text, kind, status, source_at, server_at, arrived_at, trouble, has_lost = told
    source_at, server_at = (None if at is None else datetime.fromisoformat(at) for at in (source_at, server_at))
    arrived = datetime.fromisoformat(arrived_at)
    return Received(address, text, kind, status, source_at, server_at, arrived, trouble, has_lost)


def _number(value: object, kind: str) -> tuple[str | None, str]:
    """Return a value as text with every digit that was sent, or why it is no number."""
    text, trouble = None, f"a {kind} is no number"
    if value is None:
        trouble = "the server has no value"
    elif isinstance(value, list | tuple):
        trouble = "an array is no value of a point; name its variables one by one"
    elif isinstance(value, float) and not math.isfinite(value):
        trouble = f"{value} is no number"
    elif kind == "Boolean":
        text = "1" if value else "0"
    elif kind == "Float" and isinstance(value, float):
        text = str(np.float32(value))
    elif isinstance(value, str) and len(value) > _LONGEST:
        trouble = f"a text of {len(value)} characters is no number"
    elif kind in _EXACT and isinstance(value, int | float | str):
        text = str(value)
    return text, ("" if text is not None else trouble)


def _status(found: Any, code: int) -> str:  # noqa: ANN401 - a StatusCode of the library
    """Return a status code's name in small letters; what is bad begins with bad."""
    if code & _CODE == 0:
        return "good"
    name = _WORDS.sub("_", type(found)(code & _CODE).name).lower()
    is_bad = bool(code & _BAD)
    return f"bad_{name}" if is_bad and not name.startswith("bad") else name


def _zoned(at: datetime | None) -> datetime | None:
    """Return a time of the library, which is UTC; the year 1601 is how servers say that there is none."""
    if at is None or at.year <= 1601:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
