"""Finds registers that stand still while readings arrive."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_STUCK_DAYS = 7

#: Only points that often showed what they show at last are looked at closely; in a works that runs these are few.
_RECENT = f"""
    with latest as (
        select source, point_id, max(reading_at) as reading_at from behaviour_reading
        where status not like 'bad%' group by source, point_id
    ),

    shown as (
        select distinct readings.source, readings.point_id, readings.value
        from behaviour_reading as readings inner join latest using (source, point_id, reading_at)
    ),

    often as (
        select readings.source, readings.point_id
        from behaviour_reading as readings inner join shown using (source, point_id, value)
        group by readings.source, readings.point_id having count(*) >= {_STUCK_DAYS * 24}
    ),

    recent as (
        select
            readings.source, readings.point_id, readings.reading_at,
            max_by(readings.value, readings.known_at) as value
        from behaviour_reading as readings
        inner join ref.points as points on readings.point_id = points.point_id
        inner join often on readings.source = often.source and readings.point_id = often.point_id
        where points.kind = 'register' and readings.status not like 'bad%'
        group by readings.source, readings.point_id, readings.reading_at
    )
"""


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each register that moved before and has shown one value for a week of readings."""
    rows = connection.execute(
        f"""{_RECENT},
        ends as (
            select source, point_id, max(reading_at) as last_at, max_by(value, reading_at) as value, min(value) as least
            from recent group by source, point_id
        ),
        still as (
            select ends.source, ends.point_id, ends.last_at, ends.value, count(*) as readings,
                min(recent.reading_at) as since_at
            from ends
            inner join recent using (source, point_id)
            where recent.value = ends.value and ends.least < ends.value
            group by all
        )
        select source, point_id, value, readings, since_at, last_at from still
        where last_at - since_at >= interval {_STUCK_DAYS} day and readings >= {_STUCK_DAYS * 24}
        order by source, point_id
        """
    ).fetchall()
    for source, point, value, readings, since, last in rows:
        days = (last - since).days
        yield Finding(
            kind="register_stuck",
            kind_name_zh="累计示数不动",
            kind_name_en="register stands still",
            severity="low",
            source=source,
            subject=point,
            message_zh=f"{point} 连续 {days} 天、{readings} 个读数均为 {value.normalize():f}；"
            "若设备在运行，请检修仪表或脉冲回路。",
            message_en=f"{point} has shown {value.normalize():f} for {days} days and {readings} readings; where its "
            "plant runs, have the meter or its pulse line looked at.",
            evidence={"value": value, "since_at": since, "last_at": last, "readings": readings, "days": days},
        )
