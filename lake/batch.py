"""What a connector asks the lake to keep, and what the lake answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa


@dataclass(frozen=True)
class Kept:
    """A payload that already lies in the lake under its hash."""

    digest: str
    size_bytes: int
    path: Path


@dataclass(frozen=True)
class Part:
    """Readings and refused rows of a stretch of a payload."""

    readings: pa.Table
    refused: pa.Table


@dataclass(frozen=True)
class Batch:
    """One landed file, message batch or poll: the verbatim record beside what was understood of it.

    `readings` has the columns of READING; its texts may be dictionary-encoded, its value may already be DECIMAL(18,
    decimals). Two more columns are understood: `arrived_at`, when the row arrived in a batch that spans time (its
    knowledge time where the sender gave none), and `replayed`, true where the transport says that we may have had the
    row before. `refused` has the columns of REFUSED and may have `replayed` too.

    `known_at` is the knowledge time of rows without their own; by default the time of landing. `cursor` is written with
    the batch row, the last step of a landing, so it is never ahead of the data. A `quiet` batch leaves no trace at all
    when it holds nothing new: for connectors that ask again for what they may already have. `more` yields the rest of a
    payload that is larger than memory: it is read once, while landing, and lands in the same commit.
    """

    source: str
    origin: str
    payload: bytes | Path | Kept
    suffix: str
    received_at: datetime
    readings: pa.Table
    refused: pa.Table
    decimals: int = 6
    entity: str = "reading"
    known_at: datetime | None = None
    cursor: str | None = None
    quiet: bool = False
    more: Iterator[Part] = field(default_factory=lambda: iter(()), repr=False, compare=False)


@dataclass(frozen=True)
class Landed:
    """What became of a batch; `rows_read` is landed + repeated + refused."""

    source: str
    entity: str
    origin: str
    batch_id: str
    rows_read: int
    rows_landed: int
    rows_repeated: int
    rows_refused: int
    version: int
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the lake holds more than before."""
        return self.rows_landed > 0 or self.rows_refused > 0

    def as_metadata(self) -> dict[str, str | int]:
        """Return the plain facts, for an orchestrator's event log."""
        return {
            "origin": self.origin,
            "batch_id": self.batch_id,
            "rows_read": self.rows_read,
            "rows_landed": self.rows_landed,
            "rows_repeated": self.rows_repeated,
            "rows_refused": self.rows_refused,
            "version": self.version,
        }
