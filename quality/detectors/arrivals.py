"""Finds points that never sent a reading, and instants at which a source said two things at once."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each point without readings and each point with contradicting ones."""
    yield from _silent(connection)
    yield from _contradicting(connection)


def _silent(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Points that consumption rests on and from which nothing has ever arrived."""
    rows = connection.execute(
        """
        select points.source, points.point_id, string_agg(distinct units.name_zh, '、' order by units.name_zh)
        from ref.points as points
        inner join ref.allocations as allocations on points.point_id = allocations.point_id
        inner join ref.energy_units as units on allocations.energy_unit_id = units.energy_unit_id
        where points.point_id not in (select point_id from energy.readings_latest)
        group by points.source, points.point_id order by points.source, points.point_id
        """
    ).fetchall()
    for source, point, units in rows:
        yield Finding(
            kind="point_silent",
            kind_name_zh="测点无数据",
            kind_name_en="no reading ever",
            severity="high",
            source=source,
            subject=point,
            message_zh=f"{point} 从未收到读数，而 {units} 的用量依赖它；请检查来源 {source} 及点表地址。",
            message_en=f"No reading of {point} ever arrived, and the consumption of {units} rests on it; look at "
            f"source {source} and the address in points.csv.",
            evidence={"units": units},
        )


def _contradicting(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Two values of one point, instant and knowledge time among the recent readings: the first in order was used."""
    rows = connection.execute(
        """
        with keyed as (
            select *, hash(source, point_id, reading_at, known_at) as instant from behaviour_reading
        ),
        -- one number groups faster than four columns; the few that meet are compared by their columns
        met as (
            select instant from keyed group by instant having count(*) > 1
        ),
        twice as (
            select source, point_id, reading_at, known_at from keyed semi join met using (instant)
            group by source, point_id, reading_at, known_at having min(value) < max(value)
        )
        select source, point_id, count(*), min(reading_at), max(reading_at) from twice
        group by source, point_id order by source, point_id
        """
    ).fetchall()
    for source, point, instants, first, last in rows:
        yield Finding(
            kind="contradicting_values",
            kind_name_zh="同一时刻数值矛盾",
            kind_name_en="two values at one instant",
            severity="medium",
            source=source,
            subject=point,
            message_zh=f"{point} 在 {instants} 个时刻同时收到两个不同数值，已按规范顺序取第一个；请与数据提供方核实。",
            message_en=f"{point} arrived with two values at {instants} instants; the first in canonical order was "
            "used: ask the sender which is right.",
            evidence={"instants": instants, "first_at": first, "last_at": last},
        )
