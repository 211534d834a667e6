"""Small files become large ones by themselves, sorted by point and time, without changing a row.

Files of a partition are merged smallest first, as in a log-structured tree: each reading is rewritten a few times in
its life, however small the commits were, and a partition is left with a handful of files.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import RemoveAction

from lake import commits, datafiles

#: A partition with more files than this is tidied.
_HANDFUL = 8
#: A file of so many rows is large enough to be left alone.
_ENOUGH_ROWS = 2_000_000
#: Merged files, and files of landings that were killed, stay so long for readers that listed them; they are looked for
#: every so many versions.
_KEPT_HOURS = 24
_SWEEP_EVERY = 32
_READING_ORDER = ["point_id", "reading_at", "known_at", "position"]


def tidy(table: DeltaTable, order: Sequence[str] = (), *, thoroughly: bool = False) -> int:
    """Merge what has become small change; return how many files are gone. The caller holds the source's lock."""
    adds = pl.DataFrame(pa.table(table.get_add_actions(flatten=True)))
    if adds.height <= 1:
        return 0
    partition = "partition.month" if "partition.month" in adds.columns else None
    groups = adds.partition_by(partition, as_dict=True) if partition else {(None,): adds}
    gone = 0
    for (month,), files in groups.items():
        chosen = _chosen(files, thoroughly=thoroughly)
        if len(chosen) > 1:
            _merge(table, chosen, {"month": str(month)} if month else {}, list(order) or _READING_ORDER)
            gone += len(chosen) - 1
    if gone and table.version() % _SWEEP_EVERY < _HANDFUL:  # a merge comes about once in a handful of commits
        table.vacuum(_KEPT_HOURS, dry_run=False, enforce_retention_duration=False, full=True)
    return gone


def _chosen(files: pl.DataFrame, *, thoroughly: bool) -> pl.DataFrame:
    """Return the smallest files, as many as together stay in proportion to the next one."""
    small = files.filter(pl.col("num_records") < _ENOUGH_ROWS).sort("num_records", "path")
    if small.height <= (1 if thoroughly else _HANDFUL):
        return small.clear()
    taken, rows = 0, 0
    for count in small["num_records"]:
        too_many = rows + count > 2 * _ENOUGH_ROWS
        out_of_proportion = not thoroughly and taken > 1 and count > 4 * rows
        if too_many or out_of_proportion:
            break
        taken, rows = taken + 1, rows + count
    return small.head(taken)


def _merge(table: DeltaTable, files: pl.DataFrame, partition: dict[str, str], order: list[str]) -> None:
    root = Path(commits.local(table.table_uri))
    parts = [pq.read_table(root / path, partitioning=None) for path in files["path"]]
    merged = pa.concat_tables(parts).sort_by([(name, "ascending") for name in order])
    added = datafiles.write(merged, root, partition, changes_data=False)
    stamp = int(time.time() * 1000)
    values: dict[str, str | None] = dict(partition)
    removed = [
        RemoveAction(path, False, stamp, size, values or None)
        for path, size in zip(files["path"], files["size_bytes"], strict=True)
    ]
    commits.commit(table, [added, *removed], list(partition))
