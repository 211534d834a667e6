"""Values of single points as they were received, for what no interval is made of: stacks, thermometers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assets.work import Work
from lake import rawfiles

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection, DuckDBPyRelation


def latest(
    work: Work, connection: "DuckDBPyConnection", points: Sequence[str], since: "datetime | None" = None
) -> "DuckDBPyRelation | None":
    """Return the values of points, of each point and time the one known last; None where there can be none.

    `since` leaves out the files of earlier UTC months, not each earlier value.
    Columns: point_id, reading_at, status, unit, value (with the point's multiplier).
    """
    assert work.build is not None, "the marts were built"
    versions = work.build.inputs["raw"]
    files = [
        path
        for name in rawfiles.reading_tables(work.lake)
        for path in work.lake.files("raw", name, int(versions[name]))
        if since is None or rawfiles.month_of(path) >= since.date().replace(day=1)
    ]
    if not points or not files:
        return None
    known: dict[str, datetime] = {} if work.as_of is None else {"as_of": work.as_of}
    return connection.sql(
        f"""
        select readings.point_id, readings.reading_at, readings.status, points.unit,
            (readings.value * points.multiplier)::decimal(18, 6) as value
        from read_parquet($files, hive_partitioning = true) as readings
        inner join ref.points as points on readings.point_id = points.point_id
        where list_contains($points, readings.point_id) {"and readings.known_at <= $as_of" if known else ""}
        qualify row_number() over (
            partition by readings.point_id, readings.reading_at
            order by readings.known_at desc, readings.batch_id, readings.position
        ) = 1
        """,
        params={"files": files, "points": list(points), **known},
    )
