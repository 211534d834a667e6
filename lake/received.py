"""What has arrived since a publication: the batches, and the files of raw readings that hold their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
from deltalake.exceptions import DeltaError

from lake import rawfiles
from lake.engine import connected
from lake.manifest import Manifest
from lake.schemas import BATCH
from lake.store import Lake

#: The columns of BATCH that count; a batch table may hold more.
BATCH_SCHEMA = pa.schema(
    [BATCH.field(name) for name in BATCH.names if name not in ("payload_hash", "payload_bytes", "cursor")]
)


@dataclass(frozen=True)
class Arrivals:
    """Batches with the columns of BATCH, and per source the raw files with new rows."""

    batches: pa.Table
    files: dict[str, list[str]]

    @property
    def rows_read(self) -> int:
        """Rows that were taken in, refused ones included; a repeat is no news and does not count."""
        return self._sum("rows_read") - self._sum("rows_repeated")

    @property
    def rows_refused(self) -> int:
        """Rows that lie in quarantine."""
        return self._sum("rows_refused")

    def by_source(self) -> dict[str, dict[str, int]]:
        """Return the counts of each source: rows_read, rows_landed, rows_repeated, rows_refused."""
        counts = ("rows_read", "rows_landed", "rows_repeated", "rows_refused")
        found: dict[str, dict[str, int]] = {}
        for row in self.batches.select(["source", *counts]).to_pylist():
            mine = found.setdefault(row["source"], dict.fromkeys(counts, 0))
            for count in counts:
                mine[count] += row[count]
        return dict(sorted(found.items()))

    def _sum(self, column: str) -> int:
        return sum(self.batches[column].to_pylist())


def nothing() -> Arrivals:
    """Return no arrivals, for a run that takes nothing in."""
    return Arrivals(pa.Table.from_batches([], BATCH_SCHEMA), {})


def since(lake: Lake, last: Manifest | None) -> Arrivals:
    """Return what arrived after a publication; everything where there is none or where the log is too short to say."""
    known = dict(last.raw) if last else {}
    batches = [_batches(lake, name, known.get(name)) for name in lake.tables("raw") if name.endswith("__batch")]
    files = {
        name.removesuffix("__reading"): _files(lake, name, known.get(name)) for name in rawfiles.reading_tables(lake)
    }
    table = pa.concat_tables(batches) if batches else pa.Table.from_batches([], BATCH_SCHEMA)
    return Arrivals(table, {source: found for source, found in files.items() if found})


def recent_files(lake: Lake, source: str, days: int) -> list[str]:
    """Return the files of a source's last months of readings, at least `days` of them back from its newest month."""
    files = lake.files("raw", f"{source}__reading")
    months = [rawfiles.month_of(path) for path in files]
    first = max(months, default=None)
    return [
        path
        for path, month in zip(files, months, strict=True)
        if first is None or month >= first - timedelta(days=days)
    ]


def _batches(lake: Lake, name: str, version: int | None) -> pa.Table:
    with connected() as connection:
        rows = _select(lake.files("raw", name))
        if version is not None:
            rows += f" except all {_select(_known(lake, name, version))}"
        return connection.sql(rows).to_arrow_table().cast(BATCH_SCHEMA)


def _known(lake: Lake, name: str, version: int) -> Sequence[str]:
    """Return the files of an earlier version, none where the table no longer remembers it."""
    try:
        files = lake.files("raw", name, version)
    except DeltaError:
        return ()
    return files if all(Path(file).exists() for file in files) else ()


def _select(files: Sequence[str]) -> str:
    columns = ", ".join(BATCH_SCHEMA.names)
    if not files:
        return f"select {', '.join(f'null as {name}' for name in BATCH_SCHEMA.names)} where false"
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"select {columns} from read_parquet([{listed}], union_by_name = true)"


def _files(lake: Lake, name: str, version: int | None) -> list[str]:
    if version is None:
        return lake.files("raw", name)
    added = lake.added_since("raw", name, version)
    paths = None if added is None else [str(lake.path("raw", name) / entry.path) for entry in added]
    if paths is None or not all(Path(path).exists() for path in paths):
        return lake.files("raw", name)
    return paths
