"""Atomic commits of data files to Delta tables, with the retry that the Delta library leaves to us."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

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
    """Open a table, creating it empty with this schema where there is none."""
    if not DeltaTable.is_deltatable(str(path)):
        DeltaTable.create(path, schema=schema, partition_by=list(partition_by), mode="ignore", configuration=_LOG)
    return DeltaTable(path)


def commit(table: DeltaTable, actions: Sequence[AddAction | RemoveAction], partition_by: Sequence[str] = ()) -> int:
    """Commit the actions as one version, all or nothing, and return that version."""
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
            return int(table.version())
    raise AssertionError("the loop returns or raises")


def added_since(path: Path, version: int) -> list[AddedFile] | None:
    """Return the files that commits after `version` added with new rows; None where the log no longer reaches back.

    Rewrites that change no row (compaction) are left out. A file may be gone from the current snapshot because it was
    rewritten since; its rows are not.
    """
    log = path / "_delta_log"
    latest = DeltaTable(path).version()
    found: list[AddedFile] = []
    for number in range(version + 1, latest + 1):
        entry = log / f"{number:020d}.json"
        if not entry.exists():
            return None
        found += _added(entry, number)
    return found


def _added(entry: Path, version: int) -> list[AddedFile]:
    actions = [json.loads(line) for line in entry.read_text(encoding="utf-8").splitlines() if line]
    adds = [action["add"] for action in actions if "add" in action]
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
