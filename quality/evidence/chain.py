"""The log of what was sealed and its heads, as two tables of the lake: evidence/entries and evidence/heads.

An entry says what rows came into one table by one batch, and has their Merkle root. Entries are the leaves of one tree
that only grows; a head is the root of that tree at one size, signed, with the hash of the head before it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable

from lake import commits, compaction, datafiles, tablerows
from lake.errors import LakeError
from lake.schemas import UTC as INSTANT
from lake.store import Lake
from quality.evidence import canonical, merkle

AREA = "evidence"
ENTRY = pa.schema(
    [
        pa.field("chain_position", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # readings: blocks of rows; rows: one leaf each
        pa.field("table_name", pa.string(), nullable=False),
        pa.field("month", pa.date32()),
        pa.field("batch_id", pa.string()),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("first_position", pa.int64()),
        pa.field("last_position", pa.int64()),
        pa.field("root_hash", pa.string(), nullable=False),
        pa.field("leaves", pa.binary(), nullable=False),
        pa.field("members", pa.binary()),  # hashes of single readings, where positions alone do not tell them
    ]
)
HEAD = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("root_hash", pa.string(), nullable=False),
        pa.field("site_id", pa.string(), nullable=False),
        pa.field("sealed_at", INSTANT, nullable=False),
        pa.field("previous_hash", pa.string(), nullable=False),
        pa.field("algorithm", pa.string(), nullable=False),
        pa.field("public_key", pa.string(), nullable=False),
        pa.field("signature", pa.string(), nullable=False),
        pa.field("peaks", pa.binary(), nullable=False),
        pa.field("sealed_versions", pa.string(), nullable=False),
    ]
)
_UNSIGNED = ("signature", "peaks", "sealed_versions")
_OUTSIDE = ("leaves", "members")


@dataclass(frozen=True)
class Entry:
    """One line of the log; `leaves` are the hashes that its root is made of, one after the other."""

    kind: str
    table_name: str
    rows: int
    root_hash: str
    leaves: bytes
    month: date | None = None
    batch_id: str | None = None
    first_position: int | None = None
    last_position: int | None = None
    members: bytes | None = None
    chain_position: int = -1

    def said(self, algorithm: str) -> dict[str, Any]:
        """Return what is hashed of the entry: all but the hashes below its root, and the hash of its members."""
        said = {name: value for name, value in asdict(self).items() if name not in _OUTSIDE}
        held = merkle.digest(self.members, algorithm).hex() if self.members is not None else None
        return {**said, "members_hash": held}

    def leaf(self, algorithm: str) -> bytes:
        """Return the entry's own leaf in the log."""
        return merkle.leaf(canonical.row(self.said(algorithm)), algorithm)


@dataclass(frozen=True)
class Head:
    """The log at one size. `sealed_versions` says up to which Delta version of a table its rows are in the log."""

    number: int
    size: int
    root_hash: str
    site_id: str
    sealed_at: datetime
    previous_hash: str
    algorithm: str
    public_key: str
    signature: str = ""
    peaks: bytes = b""
    sealed_versions: str = "{}"

    def signed(self) -> bytes:
        """Return what the signature signs."""
        return canonical.row({name: value for name, value in asdict(self).items() if name not in _UNSIGNED})

    def hash(self) -> str:
        """Return what the next head repeats."""
        return merkle.digest(self.signed() + self.signature.encode(), self.algorithm).hex()

    def versions(self) -> dict[str, int]:
        """Return the Delta version of each table up to which it is sealed."""
        found: dict[str, int] = json.loads(self.sealed_versions)
        return found


def split(hashes: bytes, algorithm: str) -> list[bytes]:
    """Return single hashes of some that are written one after the other."""
    width = len(merkle.digest(b"", algorithm))
    return [hashes[at : at + width] for at in range(0, len(hashes), width)]


def heads(lake: Lake) -> list[Head]:
    """Return the heads, the first one first."""
    rows = _read(lake, "heads")
    names = [field.name for field in fields(Head)]
    found = [Head(**{name: row[name] for name in names}) for row in rows]
    return sorted((replace(head, sealed_at=head.sealed_at.astimezone(UTC)) for head in found), key=lambda h: h.number)


def entries(lake: Lake, head: Head | None) -> list[Entry]:
    """Return the entries that a head covers, in their order; what a run that died left behind is none of them."""
    size = head.size if head else 0
    found = [Entry(**row) for row in _read(lake, "entries") if row["chain_position"] < size]
    return sorted(found, key=lambda entry: entry.chain_position)


def append(lake: Lake, found: Sequence[Entry], head: Head) -> None:
    """Write the entries and then the head that covers them; without the head the entries do not count."""
    place = lake.path(AREA, "entries")
    _forget_beyond(lake, head.size - len(found))
    _write(lake, "entries", pa.Table.from_pylist([asdict(entry) for entry in found], ENTRY))
    _write(lake, "heads", pa.Table.from_pylist([asdict(head)], HEAD))
    compaction.tidy(DeltaTable(place), ["chain_position"])
    compaction.tidy(DeltaTable(lake.path(AREA, "heads")), ["number"])


def mart(found: Sequence[Entry]) -> pl.DataFrame:
    """Return the entries as people read them: without the hashes below the root."""
    rows = pa.Table.from_pylist([asdict(entry) for entry in found], ENTRY).drop_columns(list(_OUTSIDE))
    return pl.DataFrame(rows)


def exported(head: Head) -> dict[str, Any]:
    """Return a head as it is kept outside of the lake: what was signed, and the signature."""
    signed: dict[str, Any] = json.loads(head.signed())
    return {**signed, "signature": head.signature}


def imported(text: str, name: str) -> Head:
    """Read a head that was kept outside, its time stamp aside; raises LakeError where it is none."""
    try:
        found = json.loads(text)
        found.pop("timestamp", None)
        return Head(**{**found, "sealed_at": datetime.fromisoformat(found["sealed_at"]).replace(tzinfo=UTC)})
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise LakeError(f"{name}: is not a head of an evidence chain; `nengtan evidence head` writes one") from cause


def _read(lake: Lake, name: str) -> list[dict[str, Any]]:
    if not lake.exists(AREA, name):
        return []
    rows: list[dict[str, Any]] = tablerows.read(lake.path(AREA, name)).to_pylist()
    return rows


def _write(lake: Lake, name: str, rows: pa.Table) -> None:
    place = lake.path(AREA, name)
    table = commits.open_or_create(place, rows.schema)
    if rows.num_rows:
        commits.commit(table, [datafiles.write(rows, place, {})])


def _forget_beyond(lake: Lake, size: int) -> None:
    """Remove entries that no head covers: a run died between them and its head."""
    if lake.exists(AREA, "entries"):
        DeltaTable(lake.path(AREA, "entries")).delete(f"chain_position >= {size}")
