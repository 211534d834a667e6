"""Which local days of which points new readings can change: exact pairs, each with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from lake import neighbours

PAIRS = pa.schema([("point_id", pa.string()), ("local_date", pa.date32()), ("reason", pa.string())])

#: A profile looks back eight weeks, so a gap may rest on readings of that long before it.
PROFILE_DAYS = 56
#: The value before the first one of an interval-kind point is not known; it may cover up to a month.
_FIRST_COVERS = timedelta(days=32)


@dataclass(frozen=True)
class Known:
    """What the last publication knew: the file of the latest readings, those of the intervals, and until when."""

    latest: Sequence[str]
    intervals: Mapping[date, Sequence[str]]
    newest: datetime | None


def pairs(  # noqa: PLR0913, PLR0917 -- what influence depends on
    con: duckdb.DuckDBPyConnection,
    files: neighbours.Files,
    added: Sequence[str],
    known: Known,
    zone: ZoneInfo,
    newest: datetime,
) -> pa.Table:
    """Return (point_id, local_date, reason) of every local day whose intervals can differ, once each.

    `files` are all raw readings by UTC month, `added` those with new rows, `newest` the latest reading of all.
    """
    spans = con.sql(
        "select point_id, min(reading_at) as from_at, max(reading_at) as to_at from read_parquet($files) "
        "group by point_id, date_trunc('day', reading_at)",
        params={"files": list(added)},
    ).to_arrow_table()
    con.execute("create or replace temp table pair (point_id varchar, local_date date, reason varchar)")
    _widen(con, files, spans, zone, newest, "new reading")
    _missing_until_now(con, known, zone, newest)
    gaps = _estimated_after(con, known)
    if gaps.num_rows:
        _widen(con, files, gaps, zone, newest, "its estimate rests on new readings")
    found = con.sql(
        "select point_id, local_date, first(reason order by rowid) as reason from pair group by point_id, local_date "
        "order by local_date, point_id"
    ).to_arrow_table()
    return found.cast(PAIRS)


def of_days(con: duckdb.DuckDBPyConnection, latest: Sequence[str], first: date, last: date, reason: str) -> pa.Table:
    """Return every pair of the points known so far and the days from first to last."""
    if not latest:
        return PAIRS.empty_table()
    found = con.sql(
        "select point_id, cast(unnest(generate_series($first, $last, interval 1 day)) as date) as local_date, "
        "$reason as reason from read_parquet($files)",
        params={"files": list(latest), "first": first, "last": last, "reason": reason},
    ).to_arrow_table()
    return found.cast(PAIRS)


def of_points(
    con: duckdb.DuckDBPyConnection, files: neighbours.Files, points: Sequence[str], zone: ZoneInfo, newest: datetime
) -> pa.Table:
    """Return every local day of these points, from what their first reading may cover to the newest reading of all."""
    found = con.sql(
        """
        select point_id, cast(unnest(generate_series(
            cast(timezone($zone, min(reading_at) - to_microseconds($first_us)) as date),
            cast(timezone($zone, $newest) as date),
            interval 1 day
        )) as date) as local_date, 'its rows in the site changed' as reason
        from read_parquet($files) where list_contains($points, point_id) group by point_id
        """,
        params={
            "zone": zone.key,
            "newest": newest,
            "first_us": _FIRST_COVERS // timedelta(microseconds=1),
            "files": [path for paths in files.values() for path in paths],
            "points": list(points),
        },
    ).to_arrow_table()
    return found.cast(PAIRS)


def united(*tables: pa.Table) -> pa.Table:
    """Return the pairs of all tables, once each; the first reason holds."""
    seen: dict[tuple[str, date], str] = {}
    for table in tables:
        for row in table.to_pylist():
            seen.setdefault((row["point_id"], row["local_date"]), row["reason"])
    rows = [{"point_id": point, "local_date": day, "reason": why} for (point, day), why in seen.items()]
    return pa.Table.from_pylist(rows, PAIRS)


def _widen(  # noqa: PLR0913, PLR0917 -- one stretch of the search
    con: duckdb.DuckDBPyConnection, files: neighbours.Files, spans: pa.Table, zone: ZoneInfo, newest: datetime, why: str
) -> None:
    """Add the days between the neighbours of each span; up to the newest reading where a point has none after it."""
    con.register("reached_rows", neighbours.reach(con, files, spans))
    con.execute(
        """
        insert into pair
        select distinct point_id, cast(unnest(generate_series(
            cast(timezone($zone, begin_at) as date),
            cast(timezone($zone, greatest(end_at - interval 1 microsecond, begin_at)) as date),
            interval 1 day
        )) as date), $why
        from (
            select point_id,
                case when has_before then before_at
                    else least(coalesce(before_at, from_at), from_at) - to_microseconds($first_us) end as begin_at,
                case when has_after then after_at else greatest($newest, to_at) end as end_at
            from reached_rows
        )
        """,
        {"zone": zone.key, "why": why, "newest": newest, "first_us": _FIRST_COVERS // timedelta(microseconds=1)},
    )
    con.unregister("reached_rows")


def _missing_until_now(con: duckdb.DuckDBPyConnection, known: Known, zone: ZoneInfo, newest: datetime) -> None:
    """Add the days between the newest reading then and now for every point: a silent one is missing there."""
    if known.newest is None or newest <= known.newest or not known.latest:
        return
    first, last = (at.astimezone(zone).date() for at in (known.newest, newest - timedelta(microseconds=1)))
    con.register("until_now", of_days(con, known.latest, first, last, "missing until now"))
    con.execute("insert into pair select * from until_now")
    con.unregister("until_now")


def _estimated_after(con: duckdb.DuckDBPyConnection, known: Known) -> pa.Table:
    """Return the published estimated days of the same points within the length of a profile after the days found."""
    first, last = con.execute("select min(local_date), max(local_date) from pair").fetchall()[0]
    if first is None:
        return neighbours.STRETCH.empty_table()
    last += timedelta(days=PROFILE_DAYS)
    paths = [
        path for month, found in known.intervals.items() if first.replace(day=1) <= month <= last for path in found
    ]
    if not paths:
        return neighbours.STRETCH.empty_table()
    return con.sql(
        """
        with estimated as (
            select point_id, local_date, min(period_start_at) as from_at, max(period_start_at) as to_at
            from read_parquet($files)
            where quality in ('estimated', 'substituted') and local_date > $first and local_date <= $last
                and point_id in (select point_id from pair)
            group by point_id, local_date
        )

        select distinct e.point_id, e.from_at, e.to_at
        from estimated as e
        join pair as p
            on e.point_id = p.point_id and e.local_date > p.local_date and e.local_date <= p.local_date + $days
        left join pair as already on e.point_id = already.point_id and e.local_date = already.local_date
        where already.point_id is null
        """,
        params={"files": paths, "first": first, "last": last, "days": PROFILE_DAYS},
    ).to_arrow_table()
