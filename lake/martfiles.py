"""The Delta commits of marts: new files in, replaced files out, and back again where a run died half way."""

import json
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake import Schema as DeltaSchema
from deltalake.transaction import AddAction, RemoveAction

from lake import commits, torn
from lake.manifest import Mart


@dataclass(frozen=True)
class Change:
    """What a run does to one mart: paths are below the table's folder."""

    root: Path
    schema: pa.Schema
    partition_by: str | None
    added: tuple[str, ...]
    removed: tuple[str, ...]


def commit(change: Change) -> int:
    """Bring a mart's Delta table to its new files and return the version; nothing to do is the version it has."""
    partition = [change.partition_by] if change.partition_by else []
    wanted = DeltaSchema.from_arrow(change.schema)
    table = commits.open_or_create(change.root, change.schema, partition)
    adds = [_added(change.root, path) for path in change.added]
    gone = set(change.removed) & _paths(table)
    if table.schema() != wanted:
        commits.commit(table, _removals(change.root, _paths(table)), partition, is_told=False)
        fresh = DeltaTable(change.root)
        fresh.create_write_transaction([*adds], mode="overwrite", schema=wanted, partition_by=partition)
    elif adds or gone:
        commits.commit(table, [*adds, *_removals(change.root, gone)], partition, is_told=False)
    return int(DeltaTable(change.root).version())


def rows(root: Path, files: Iterable[str]) -> int:
    """Return how many rows the files hold, from their footers."""
    return sum(pq.read_metadata(root / path).num_rows for path in files)


def undo(root: Path, published: Mart | None) -> bool:
    """Bring a mart back to what is published; return whether it had moved on.

    Raises DeltaError where its log does not lead there.
    """
    if published is None:
        shutil.rmtree(root)
        return True
    torn.heal(root)
    table = DeltaTable(root)
    if _paths(table) == set(published.files):
        return False
    table.restore(published.version)
    return True


def sweep(root: Path, kept: set[str], older_than_s: float) -> int:
    """Delete data files of a mart that nothing refers to; young ones may belong to a reader or a run."""
    limit = time.time() - older_than_s
    gone = 0
    for path in root.rglob("*.parquet"):
        if path.relative_to(root).as_posix() not in kept and path.stat().st_mtime < limit:
            path.unlink()
            gone += 1
    return gone


def _paths(table: DeltaTable) -> set[str]:
    root = Path(commits.local(table.table_uri))
    return {Path(commits.local(uri)).relative_to(root).as_posix() for uri in table.file_uris()}


def _added(root: Path, path: str) -> AddAction:
    file = root / path
    return AddAction(
        path=path,
        size=file.stat().st_size,
        partition_values=_partition(path),
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": pq.read_metadata(file).num_rows}),
    )


def _removals(root: Path, paths: Iterable[str]) -> Sequence[RemoveAction]:
    stamp = int(time.time() * 1000)
    return [
        RemoveAction(path, True, stamp, (root / path).stat().st_size, _partition(path) or None)
        for path in sorted(paths)
    ]


def _partition(path: str) -> dict[str, str | None]:
    name, equals, value = path.partition("/")[0].partition("=")
    return {name: value} if equals else {}
