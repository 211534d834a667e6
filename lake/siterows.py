"""Rows of the site's files that say something of one point: which points a new version of them concerns."""

from collections.abc import Mapping, Set
from datetime import datetime

import duckdb

from lake import buildviews, commits
from lake.store import Lake

#: Things whose rows are a point's, or a meter's and so its points'; other marts follow the days of these points.
THINGS = frozenset({"points", "meters", "meter_events"})
#: Where more than this share of all points is concerned, everything is rebuilt: it is the shorter way.
_MOST = 0.3


def concerned(
    con: duckdb.DuckDBPyConnection, lake: Lake, things: Set[str], before: Mapping[str, str]
) -> list[str] | None:
    """Return the points that the changed rows of these things concern; None where it is better to say all."""
    now = lake.snapshot_times()
    if not things <= THINGS or any(thing not in before or thing not in now for thing in {*things, "points"}):
        return None
    con.execute("create or replace temp table concerned (point_id varchar)")
    _open(con, lake, "points", datetime.fromisoformat(before["points"]), "points_then")
    _open(con, lake, "points", now["points"], "points_now")
    for thing in sorted(things):
        _open(con, lake, thing, datetime.fromisoformat(before[thing]), "rows_then")
        _open(con, lake, thing, now[thing], "rows_now")
        differing = "(from rows_now except from rows_then) union all (from rows_then except from rows_now)"
        if thing == "points":
            con.execute(f"insert into concerned select point_id from ({differing})")
        else:
            con.execute(
                "insert into concerned select point_id from (from points_now union all from points_then) "
                f"where meter_id in (select meter_id from ({differing}))"
            )
    found = [str(point) for (point,) in con.execute("select distinct point_id from concerned order by 1").fetchall()]
    total = con.execute("select count(*) from points_now").fetchall()[0][0]
    return found if len(found) <= max(1, _MOST * total) else None


def _open(con: duckdb.DuckDBPyConnection, lake: Lake, thing: str, known_at: datetime, name: str) -> None:
    files = [commits.local(uri) for uri in lake.delta("ref", thing).file_uris()]
    con.execute(
        f"create or replace temp table {name} as select * exclude (known_at) from {buildviews.parquet(files)} "
        f"where known_at = timestamptz '{known_at.isoformat()}'"
    )
