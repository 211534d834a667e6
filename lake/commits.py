"""Atomic commits of data files to Delta tables, with the retry that the Delta library leaves to us."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction

from lake import durable, manifest, torn
from lake.errors import LakeError

_ATTEMPTS = 6
#: A collector commits thousands of times a day: older log entries than this go with the next checkpoint. A run that
#: comes later than that builds everything anew, because `added_since` can no longer tell it what came.
_LOG = {"delta.logRetentionDuration": "interval 3 days"}


@dataclass(frozen=True)
class AddedFile:
    """A data file that one commit added, as its log entry tells it."""

    version: int
    path: str
    rows: int
    first_reading_at: datetime | None
    last_reading_at: datetime | None


def local(uri: str) -> str:
    """Return the path of a file URI; the Delta library spells blanks and Chinese in it with percent signs."""
    return unquote(uri.removeprefix("file://"))


def open_or_create(path: Path, schema: pa.Schema, partition_by: Sequence[str] = ()) -> DeltaTable:
    """Open a table to write to it, creating it empty with this schema where there is none.

    A newest commit that a power cut tore is set aside. The caller is the one writer.
    """
    try:
        if not DeltaTable.is_deltatable(str(path)):
            DeltaTable.create(path, schema=schema, partition_by=list(partition_by), mode="ignore", configuration=_LOG)
        table = DeltaTable(path)
        if torn.is_told(path, table.version()):
            return table
    except DeltaError:
        if not healed(path):
            raise
    else:
        if not healed(path):
            return table  # a publication rests on it: it is no work of a power cut, and a run will say so
    return open_or_create(path, schema, partition_by)


def healed(path: Path) -> list[str]:
    """Set aside the newest commits that a power cut tore; return what was done. The caller is the one writer."""
    return torn.heal(path, _told(path))


def _told(path: Path) -> int:
    """Return the version of a table of raw/ or quarantine/ that the last publication rests on, else -1."""
    published = manifest.last(path.parents[1] / "marts")
    known = {"raw": published.raw, "quarantine": published.quarantine} if published else {}
    return known.get(path.parent.name, {}).get(path.name, -1)


def commit(
    table: DeltaTable,
    actions: Sequence[AddAction | RemoveAction],
    partition_by: Sequence[str] = (),
    *,
    is_told: bool = True,
) -> int:
    """Commit the actions as one version, all or nothing, and return that version.

    Where somebody is told of it (`is_told`) it outlives a power cut from here on; a caller who makes many at once sees
    to that for all of them.
    """
    for attempt in range(_ATTEMPTS):
        table.update_incremental()
        try:
            table.create_write_transaction(
                list(actions), mode="append", schema=table.schema(), partition_by=list(partition_by)
            )
        except CommitFailedError as cause:
            if attempt + 1 == _ATTEMPTS:
                where = local(table.table_uri)
                raise LakeError(f"{where}: no commit after {_ATTEMPTS} attempts ({cause}); run it again") from cause
            time.sleep(0.05 * 2**attempt)
        else:
            table.update_incremental()
            if is_told:
                settle(table)
            return int(table.version())
    raise AssertionError("the loop returns or raises")


def append(path: Path, rows: pa.Table, *, may_widen: bool = False) -> None:
    """Append a few rows as one version that outlives a power cut; new columns only where the table may widen."""
    write_deltalake(path, rows, mode="append", schema_mode="merge" if may_widen else None)
    settle(DeltaTable(path))


def settle(table: DeltaTable) -> None:
    """Wait until the disk has the newest version of a table: its log entry and the files that it adds.

    The first version with rows brings the one along that made the table.
    """
    root = Path(local(table.table_uri))
    entry = torn.entry_of(root, table.version())
    if entry.exists():  # not where another writer's checkpoint has tidied the log already
        begun = [torn.entry_of(root, 0)] if table.version() == 1 else []
        durable.keep([*(root / path for path in _paths_added(entry)), *begun, entry, root / "_delta_log", root])


def _paths_added(entry: Path) -> list[str]:
    return [unquote(str(action["add"]["path"])) for action in _actions(entry) if "add" in action]


def _actions(entry: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in entry.read_text(encoding="utf-8").splitlines() if line]


def added_since(path: Path, version: int) -> list[AddedFile] | None:
    """Return the files that commits after `version` added with new rows; None where the log no longer reaches back.

    Rewrites that change no row (compaction) are left out. A file may be gone from the current snapshot because it was
    rewritten since; its rows are not.
    """
    latest = DeltaTable(path).version()
    found: list[AddedFile] = []
    for number in range(version + 1, latest + 1):
        entry = torn.entry_of(path, number)
        if not entry.exists():
            return None
        found += _added(entry, number)
    return found


def _added(entry: Path, version: int) -> list[AddedFile]:
    adds = [action["add"] for action in _actions(entry) if "add" in action]
    return [_added_file(add, version) for add in adds if add.get("dataChange", True)]


def _added_file(add: dict[str, object], version: int) -> AddedFile:
    stats = json.loads(str(add.get("stats") or "{}"))
    first = stats.get("minValues", {}).get("reading_at")
    last = stats.get("maxValues", {}).get("reading_at")
    return AddedFile(
        version=version,
        path=str(add["path"]),
        rows=int(stats.get("numRecords", 0)),
        first_reading_at=datetime.fromisoformat(first) if first else None,
        last_reading_at=datetime.fromisoformat(last) if last else None,
    )
