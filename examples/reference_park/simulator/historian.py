"""Historian exports: one file per organisation and month, long rows, values as received."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from examples.reference_park.simulator.clock import Clock
from examples.reference_park.simulator.meters import SCALE, Point, Steps

TYPE = pa.decimal128(18, SCALE)


def decimals(scaled: npt.NDArray[np.int64]) -> pa.Array:
    """Return scaled integers as DECIMAL(18, SCALE) without a loop: two 64-bit words each, the upper holds the sign."""
    words = np.empty((scaled.size, 2), dtype=np.int64)
    words[:, 0] = scaled
    words[:, 1] = scaled >> 63
    return pa.Array.from_buffers(TYPE, scaled.size, [None, pa.py_buffer(words)])


def long_rows(clock: Clock, chosen: list[Point], values: dict[str, Steps], first: int, last: int) -> pa.Table:
    """Return the readings of the instants `first`..`last`, both included; an interval has none at instant 0."""
    ids, times, numbers = [], [], []
    for point in chosen:
        begin = max(first, 1) if point.kind == "interval" else first
        ids.append(pa.array([point.point_id]).take(pa.array(np.zeros(last + 1 - begin, dtype=np.int8))))
        times.append(clock.instants[begin : last + 1])
        numbers.append(values[point.point_id][begin : last + 1])
    instants = pa.array(np.concatenate(times).astype("datetime64[us]"), pa.timestamp("us", tz="UTC"))
    columns = [pa.concat_arrays(ids), instants, decimals(np.concatenate(numbers))]
    return pa.table(columns, names=["point_id", "reading_at", "value"])


def _month_ends(clock: Clock, history: int) -> list[tuple[str, int, int]]:
    """Return (month, first instant, last instant): a month ends with the reading at its last midnight."""
    starts = [i for i in range(clock.days) if i == 0 or clock.dates[i].astype(object).day == 1]
    bounds = [day * 96 for day in starts if day * 96 < history] + [history]
    names = [str(clock.dates[start // 96])[:7] for start in bounds[:-1]]
    return [
        (name, begin if begin == 0 else begin + 1, end)
        for name, begin, end in zip(names, bounds[:-1], bounds[1:], strict=True)
    ]


def write(clock: Clock, history: int, all_points: list[Point], values: dict[str, Steps], out: Path) -> int:
    """Write every export up to instant `history`; the machine works exports CSV. Return the rows written."""
    rows = 0
    for organization in sorted({point.organization_id for point in all_points}):
        folder = out / "historian" / organization
        folder.mkdir(parents=True, exist_ok=True)
        chosen = [point for point in all_points if point.organization_id == organization]
        for month, first, last in _month_ends(clock, history):
            table = long_rows(clock, chosen, values, first, last)
            rows += table.num_rows
            if organization == "machinery":
                write_csv(table, folder / f"{month}.csv")
            else:
                pq.write_table(table, folder / f"{month}.parquet", compression="zstd", use_dictionary=["point_id"])
    return rows


def write_csv(table: pa.Table, path: Path) -> None:
    """Write readings as the machine works' historian does: local wall clock without a zone."""
    frame = pl.DataFrame(pl.from_arrow(table))
    local = (pl.col("reading_at") + timedelta(hours=8)).dt.strftime("%Y-%m-%d %H:%M:%S")
    frame.with_columns(local.alias("reading_at")).write_csv(path, line_terminator="\n")
