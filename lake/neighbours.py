"""Finds the readings around stretches of time and reads no more months than needed.

An interval depends on the readings around its two ends; a glitch is judged by its neighbours, a register that stood
still or a clock that was behind is followed. So what a reading changes, and what a day needs to be built, ends at the
ninety-sixth reading on either side; dbt_project/macros/registers.sql has the spans that this covers.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import duckdb
import pyarrow as pa

from lake.schemas import UTC as INSTANT

#: How far a reading's influence goes, in readings of its own point.
REACH = 96

#: Half open; one row per stretch, several of a point allowed.
STRETCH = pa.schema([("point_id", pa.string()), ("from_at", INSTANT), ("to_at", INSTANT)])
_WANTED = pa.schema([("point_id", pa.string()), ("at", INSTANT), ("from_month", pa.date32())])
_DAY_US = 86_400_000_000

Files = Mapping[date, Sequence[str]]
Direction = Literal["before", "after"]


def reach(con: duckdb.DuckDBPyConnection, files: Files, stretches: pa.Table) -> pa.Table:
    """Return (point_id, from_at, to_at, before_at, after_at, has_before, has_after) for each stretch.

    `before_at` is the REACH-th usable reading before `from_at`, or the outermost one that exists, NULL without any;
    `has_before` says whether there were so many. `after_at` is the same of the readings after `to_at`.
    """
    con.register("stretch_rows", stretches.cast(STRETCH))
    con.execute("create or replace temp table stretch as select distinct point_id, from_at, to_at from stretch_rows")
    con.unregister("stretch_rows")
    _near(con, files)
    con.execute(
        f"""
        create or replace temp table reached as
        select s.*,
            case when b.far_us >= epoch_us(date_trunc('day', s.from_at)) - {_DAY_US} then b.far_us end as before_us,
            case when a.far_us < epoch_us(date_trunc('day', s.to_at)) + 2 * {_DAY_US} then a.far_us end as after_us
        from stretch as s
        asof left join (
            select point_id, at_us, lag(at_us, {REACH - 1}) over (partition by point_id order by at_us) as far_us
            from near_reading
        ) as b on s.point_id = b.point_id and epoch_us(s.from_at) > b.at_us
        asof left join (
            select point_id, at_us, lead(at_us, {REACH - 1}) over (partition by point_id order by at_us) as far_us
            from near_reading
        ) as a on s.point_id = a.point_id and epoch_us(s.to_at) < a.at_us
        """
    )
    before = _further(con, files, "before")
    after = _further(con, files, "after")
    con.register("before_rows", before)
    con.register("after_rows", after)
    found = con.sql(
        f"""
        select r.point_id, r.from_at, r.to_at,
            coalesce(make_timestamptz(r.before_us), b.neighbour_at) as before_at,
            coalesce(make_timestamptz(r.after_us), a.neighbour_at) as after_at,
            r.before_us is not null or coalesce(b.found, 0) >= {REACH} as has_before,
            r.after_us is not null or coalesce(a.found, 0) >= {REACH} as has_after
        from reached as r
        left join before_rows as b on r.before_us is null and r.point_id = b.point_id and r.from_at = b."at"
        left join after_rows as a on r.after_us is null and r.point_id = a.point_id and r.to_at = a."at"
        """
    ).to_arrow_table()
    con.unregister("before_rows")
    con.unregister("after_rows")
    return found


def around(con: duckdb.DuckDBPyConnection, files: Files, wanted: pa.Table, direction: Direction) -> pa.Table:
    """Return (point_id, at, neighbour_at, found) for each wanted (point_id, at, from_month), month by month outwards.

    `neighbour_at` is the REACH-th usable reading beyond `at`, or the outermost one that exists; `found` is how many
    there were. A point without a reading on that side is left out.
    """
    con.register("wanted_rows", wanted.cast(_WANTED))
    con.execute(
        'create or replace temp table wanted as select distinct point_id, "at", from_month, 0 as found, '
        "cast(null as timestamptz) as neighbour_at from wanted_rows"
    )
    con.unregister("wanted_rows")
    for month in sorted(files, reverse=direction == "before"):
        if _is_wanted(con, month, direction):
            _search(con, files[month], month, direction)
    found = con.sql('select point_id, "at", neighbour_at, found from wanted where neighbour_at is not null')
    return found.to_arrow_table()


def _near(con: duckdb.DuckDBPyConnection, files: Files) -> None:
    """Make near_reading: the usable readings of each point on the days of the stretches' ends and the days beside."""
    con.execute(
        """
        create or replace temp table near_day as
        select distinct point_id, cast(unnest([
            from_at - interval 1 day, from_at, to_at, to_at + interval 1 day
        ]) as date) as day
        from stretch
        """
    )
    months = {month for (month,) in con.execute("select distinct date_trunc('month', day) from near_day").fetchall()}
    paths = [path for month in sorted(months) for path in files.get(_day(month), ())]
    con.execute("create or replace temp table near_reading (point_id varchar, at_us bigint)")
    if paths:
        con.execute(
            """
            insert into near_reading
            select r.point_id, epoch_us(r.reading_at)
            from read_parquet($files) as r
            inner join near_day as d on r.point_id = d.point_id and cast(r.reading_at as date) = d.day
            group by r.point_id, r.reading_at having bool_and(r.status not like 'bad%')
            """,
            {"files": paths},
        )


def _day(found: date | datetime) -> date:
    return found.date() if isinstance(found, datetime) else found


def _further(con: duckdb.DuckDBPyConnection, files: Files, direction: Direction) -> pa.Table:
    """Look further out for the stretches whose neighbours are not on the days beside them."""
    end, column = ("from_at", "before_us") if direction == "before" else ("to_at", "after_us")
    missing = con.sql(
        f"select point_id, {end} as \"at\", cast(date_trunc('month', {end}) as date) as from_month "
        f"from reached where {column} is null"
    ).to_arrow_table()
    return around(con, files, missing, direction)


def _is_wanted(con: duckdb.DuckDBPyConnection, month: date, direction: Direction) -> bool:
    side = "from_month >= $month" if direction == "before" else "from_month <= $month"
    # all rows are fetched: an open result would bar the next statement
    rows = con.execute(f"select count(*) from wanted where found < {REACH} and {side}", {"month": month}).fetchall()
    return bool(rows[0][0])


def _search(con: duckdb.DuckDBPyConnection, files: Sequence[str], month: date, direction: Direction) -> None:
    """Take the nearest readings of one partition for those that lack some; one ever called bad is not relied on."""
    beyond = "<" if direction == "before" else ">"
    order = "desc" if direction == "before" else "asc"
    outermost, innermost = ("min", "max") if direction == "before" else ("max", "min")
    con.execute(
        f"""
        update wanted set found = wanted.found + near.readings, neighbour_at = near.neighbour_at
        from (
            select point_id, "at", count(*) as readings, {outermost}(reading_at) as neighbour_at
            from (
                select w.point_id, w."at", w.found, r.reading_at,
                    row_number() over (partition by w.point_id, w."at" order by r.reading_at {order}) as place
                from (
                    select r.point_id, r.reading_at
                    from read_parquet($files) as r
                    join (
                        select point_id, {innermost}("at") as "at" from wanted where found < {REACH} group by point_id
                    ) as bound on r.point_id = bound.point_id and r.reading_at {beyond} bound."at"
                    group by r.point_id, r.reading_at having bool_and(r.status not like 'bad%')
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
