"""Things that are kept whole, in every version: the site's files and the factor library, append-only by content.

A snapshot is all rows of a thing with one `known_at`. The table `ref/snapshots` names every snapshot, so that a thing
that became empty is known to be empty.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import DeltaError

from lake import commits, durable, tablerows
from lake.errors import LakeError
from lake.schemas import SNAPSHOT

INDEX = "snapshots"


class Snapshot(TypedDict):
    """A row of the index."""

    thing: str
    known_at: datetime
    content_hash: str
    rows: int


def take(area: Path, tables: Mapping[str, pa.Table], known_at: datetime) -> list[str]:
    """Append the rows of each thing whose current snapshot differs, all at once; return the things that were new."""
    latest = currents(area)
    instant = known_at.astimezone(UTC)
    rows: list[Snapshot] = []
    for thing, table in tables.items():
        digest = content_hash(table)
        known = latest.get(thing)
        if known is not None and known["content_hash"] == digest:
            continue
        if known is not None and known_at <= known["known_at"]:
            raise LakeError(f"ref/{thing}: a snapshot of {known['known_at']} exists; a new one has to be later")
        _append(area / thing, thing, _stamped(table, instant))
        rows.append({"thing": thing, "known_at": instant, "content_hash": digest, "rows": table.num_rows})
    if rows:
        commits.open_or_create(area / INDEX, SNAPSHOT)
        durable.keep_all(area)
        commits.append(area / INDEX, pa.Table.from_pylist(rows, SNAPSHOT))
    return sorted(row["thing"] for row in rows)


def current(area: Path, thing: str, as_of: datetime | None = None) -> Snapshot | None:
    """Return the thing's snapshot that was known at a time (default: now)."""
    return currents(area, as_of).get(thing)


def currents(area: Path, as_of: datetime | None = None) -> dict[str, Snapshot]:
    """Return the snapshot of every thing that was known at a time (default: now)."""
    if not DeltaTable.is_deltatable(str(area / INDEX)):
        return {}
    rows = tablerows.read(area / INDEX)
    if as_of is not None:
        rows = rows.filter(pc.field("known_at") <= pa.scalar(as_of, SNAPSHOT.field("known_at").type))
    ordered = rows.sort_by([("known_at", "ascending")]).to_pylist()
    return {row["thing"]: row for row in ordered}


def content_hash(table: pa.Table) -> str:
    """Return a hash of the rows that does not depend on their order or on how the table lies in memory."""
    names = sorted(table.column_names)
    lines = sorted(json.dumps([row[name] for name in names], default=str) for row in table.to_pylist())
    return hashlib.sha256("\n".join([json.dumps(names), *lines]).encode()).hexdigest()


def _stamped(table: pa.Table, known_at: datetime) -> pa.Table:
    kind = SNAPSHOT.field("known_at").type
    body = table.drop_columns(["known_at"]) if "known_at" in table.column_names else table
    return body.append_column(pa.field("known_at", kind), pa.array([known_at] * table.num_rows, kind))


def _append(path: Path, thing: str, rows: pa.Table) -> None:
    commits.open_or_create(path, rows.schema)
    try:
        if rows.num_rows:
            write_deltalake(path, rows, mode="append", schema_mode="merge")
        else:
            _widen(DeltaTable(path), rows.schema)
    except (DeltaError, pa.ArrowInvalid) as cause:
        raise LakeError(f"ref/{thing}: its columns no longer fit the earlier snapshots ({cause})") from cause


def _widen(table: DeltaTable, wanted: pa.Schema) -> None:
    """Add the columns that a thing without rows has since the code is newer: models name them."""
    known = {field.name for field in table.schema().fields}
    added = [field for field in Schema.from_arrow(wanted).fields if field.name not in known]
    if added:
        table.alter.add_columns(added)
