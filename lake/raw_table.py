"""The raw readings of one source: what of them a batch can repeat, and new files in one commit."""

from collections import OrderedDict
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.transaction import AddAction

from lake import commits, datafiles, decimals, repeats
from lake.errors import LakeError
from lake.schemas import raw_reading

_MONTH = ("month",)
_INSTANT = pl.Datetime("us", "UTC")
_BOUNDS: dict[str, pl.DataType] = {
    "path": pl.String(),
    "num_records": pl.Int64(),
    "min.reading_at": _INSTANT,
    "max.reading_at": _INSTANT,
}


class RecentFiles:
    """Decoded columns of files that were looked into lately; a data file never changes, so what is here is right.

    A collector looks into the same few files with every batch; a file of history is looked into once and not kept.
    """

    _LARGEST_ROWS = 1_000_000
    _ALL_ROWS = 4_000_000

    def __init__(self) -> None:
        """Start with none."""
        self._frames: OrderedDict[Path, pl.DataFrame] = OrderedDict()

    def rows(self, file: Path, count: int, span: pl.Expr) -> pl.DataFrame:
        """Return point, time, value and knowledge time of a file's rows in a span of time."""
        if file in self._frames:
            self._frames.move_to_end(file)
            return self._frames[file].filter(span)
        lazy = pl.scan_parquet(file, hive_partitioning=False).select(
            "point_id", "reading_at", pl.col("value").to_physical().cast(pl.Int64), "known_at"
        )
        if count > self._LARGEST_ROWS:
            return lazy.filter(span).collect()
        self._frames[file] = frame = lazy.collect()
        while sum(kept.height for kept in self._frames.values()) > self._ALL_ROWS:
            self._frames.popitem(last=False)
        return frame.filter(span)


class RawTable:
    """One source's readings, open for one landing."""

    def __init__(self, path: Path, places: int, recent: RecentFiles) -> None:
        """Open the table, making it where there is none; its values keep so many decimal places."""
        self._root = path
        self._decimals = places
        self._recent = recent
        self._table = commits.open_or_create(path, raw_reading(places), _MONTH)
        self._staged: list[AddAction] = []
        self._bounds = self._of_files()
        kind = pa.schema(self._table.schema().to_arrow()).field("value").type
        if kind.scale != places:
            raise LakeError(
                f"{path.name}: the table keeps {kind.scale} decimals since its first batch, the site says {places}; "
                f"set decimals back to {kind.scale} in sources.yaml, or give the source a new id"
            )

    @property
    def table(self) -> DeltaTable:
        """Return the Delta table."""
        return self._table

    def overlapping(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return what is known in the time span of rows, staged files included: point, time, value, known_at."""
        nothing = rows.select(*repeats.KEY, "value", "known_at").clear()
        if rows.is_empty() or self._bounds.is_empty():
            return nothing
        first, last = rows["reading_at"].min(), rows["reading_at"].max()
        files = self._bounds.filter(pl.col("max.reading_at") >= first, pl.col("min.reading_at") <= last)
        span = pl.col("reading_at").is_between(pl.lit(first), pl.lit(last))
        points = rows["point_id"].dtype
        found = [
            self._recent.rows(self._root / path, count, span).with_columns(
                pl.col("point_id").cast(points, strict=False)
            )
            for path, count in files.select("path", "num_records").iter_rows()
        ]
        return pl.concat([nothing, *found]).filter(pl.col("point_id").is_not_null())

    def stage(self, fresh: pl.DataFrame, batch_id: str) -> None:
        """Write rows to files that the next commit makes visible."""
        for month, part in _by_month(fresh):
            rows = _raw(part, self._decimals, batch_id, month)
            self._staged.append(datafiles.write(rows, self._root, {"month": str(month)}))
            at = part["reading_at"]
            facts = (self._staged[-1].path, part.height, at.min(), at.max())
            self._bounds.vstack(pl.DataFrame([facts], schema=_BOUNDS, orient="row"), in_place=True)

    def commit(self) -> int:
        """Make everything that was staged visible at once; return the table's version."""
        if self._staged:
            commits.commit(self._table, self._staged, _MONTH)
            self._staged = []
        return int(self._table.version())

    def _of_files(self) -> pl.DataFrame:
        adds = pl.DataFrame(pa.table(self._table.get_add_actions(flatten=True)))
        if adds.is_empty():
            return pl.DataFrame(schema=_BOUNDS)
        return adds.select(pl.col(name).cast(kind) for name, kind in _BOUNDS.items())


def _by_month(rows: pl.DataFrame) -> list[tuple[date, pl.DataFrame]]:
    """Return the rows of each UTC month, in order."""
    if rows.is_empty():
        return []
    month = rows["reading_at"].dt.date().dt.month_start()
    found = sorted(month.unique().to_list())
    return [(found[0], rows)] if len(found) == 1 else [(one, rows.filter(month == one)) for one in found]


def _raw(part: pl.DataFrame, places: int, batch_id: str, month: date) -> pa.Table:
    """Return one month's rows in the columns of the raw table; texts stay dictionary-encoded until they are written."""
    arrow = part.select("point_id", "reading_at", "unit", "status", "known_at", "position").to_arrow()
    columns = {name: arrow.column(name) for name in arrow.column_names} | {
        "value": decimals.from_counts(part["value"].to_numpy(), places),
        "batch_id": _constant(pa.array([batch_id]), part.height),
        "month": _constant(pa.array([month]), part.height),
    }
    names = raw_reading(places).names
    return pa.table([columns[name] for name in names], names=names)


def _constant(value: pa.Array, count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), value)
