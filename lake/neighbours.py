"""Finds the readings around a stretch of time, month by month outwards, and reads no month that is not needed.

An interval depends on the readings around its two ends; a glitch is judged by its neighbours. So what a reading
changes, and what a month needs to be built, ends at the fourth reading on either side.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import duckdb
import pyarrow as pa

from lake.schemas import UTC

#: How far a reading's influence goes, in readings of its own point.
REACH = 4

WANTED = pa.schema([("point_id", pa.string()), ("at", UTC), ("from_month", pa.date32())])

Direction = Literal["before", "after"]


def around(
    con: duckdb.DuckDBPyConnection, files: Mapping[date, Sequence[str]], wanted: pa.Table, direction: Direction
) -> tuple[pa.Table, set[date]]:
    """Return (point_id, at, neighbour_at) for each wanted (point_id, at, from_month), and the months they lie in.

    `neighbour_at` is the REACH-th usable reading beyond `at`, or the outermost one that exists. A point without a
    reading on that side is left out. The months are all raw partitions in which one of the REACH readings lies.
    """
    con.register("wanted_rows", wanted.cast(WANTED))
    con.execute(
        'create or replace temp table wanted as select point_id, "at", from_month, 0 as found, '
        "cast(null as timestamptz) as neighbour_at from wanted_rows"
    )
    con.unregister("wanted_rows")
    months = {
        month
        for month in sorted(files, reverse=direction == "before")
        if _is_wanted(con, month, direction) and _search(con, files[month], month, direction)
    }
    found = con.sql('select point_id, "at", neighbour_at from wanted where neighbour_at is not null')
    return found.to_arrow_table(), months


def _is_wanted(con: duckdb.DuckDBPyConnection, month: date, direction: Direction) -> bool:
    side = "from_month >= $month" if direction == "before" else "from_month <= $month"
    # all rows are fetched: an open result would bar the next statement
    rows = con.execute(f"select count(*) from wanted where found < {REACH} and {side}", {"month": month}).fetchall()
    return bool(rows[0][0])


def _search(con: duckdb.DuckDBPyConnection, files: Sequence[str], month: date, direction: Direction) -> bool:
    """Take the nearest readings of one partition for those that lack some; one ever called bad is not relied on."""
    beyond = "<" if direction == "before" else ">"
    order = "desc" if direction == "before" else "asc"
    outermost = "min" if direction == "before" else "max"
    updated = con.execute(
        f"""
        update wanted set found = wanted.found + near.readings, neighbour_at = near.neighbour_at
        from (
            select point_id, "at", count(*) as readings, {outermost}(reading_at) as neighbour_at
            from (
                select w.point_id, w."at", w.found, r.reading_at,
                    row_number() over (partition by w.point_id, w."at" order by r.reading_at {order}) as place
                from (
                    select point_id, reading_at from read_parquet($files)
                    where point_id in (select point_id from wanted where found < {REACH})
                    group by point_id, reading_at having bool_and(status <> 'bad')
                ) as r
                join wanted as w on w.point_id = r.point_id and r.reading_at {beyond} w."at"
                where w.found < {REACH} and w.from_month {">=" if direction == "before" else "<="} $month
            )
            where place <= {REACH} - found
            group by point_id, "at"
        ) as near
        where wanted.point_id = near.point_id and wanted."at" = near."at"
        """,
        {"files": list(files), "month": month},
    ).fetchall()
    return bool(updated and updated[0][0])
