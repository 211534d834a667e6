"""Tells of a register that jumped up and went on, at a point whose rating nobody gave.

Where `physical_max` is given a jump beyond it is an exchange. Where it is not, nothing in the readings tells what was
consumed from what was another meter, so the amount counts; this says how much rests on that.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding
from quality.window import BEHAVIOUR_DAYS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: So many days must be known before a day can be out of the ordinary, and so many times the highest usual day it is.
_KNOWN_DAYS = 14
_BEYOND = 3


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each unrated register with a day far beyond its days, most of it in one step.

    Usual is what 19 of 20 days of the last eight weeks stay below. Steep is a day of which one interval, or what was
    estimated over one gap, holds the half: a plant that starts up fills many intervals.
    """
    rows = connection.execute(
        f"""
        with known as (
            select days.point_id, points.source, days.local_date, days.quantity, days.quantity_unit
            from quality.completeness_daily as days inner join ref.points as points using (point_id)
            where points.kind = 'register' and points.physical_max is null and days.quantity is not null
                and days.local_date
                > (select max(local_date) from quality.completeness_daily) - interval {BEHAVIOUR_DAYS} day
        ),

        usual as (
            select point_id, quantile_disc(quantity, 0.95) as most, median(quantity) as middle
            from known group by point_id having count(*) >= {_KNOWN_DAYS}
        ),

        far as (
            select known.*, usual.middle
            from known inner join usual using (point_id)
            where usual.most > 0 and known.quantity > {_BEYOND} * usual.most
        ),

        step as (
            select far.point_id, far.local_date,
                greatest(
                    max(intervals.quantity) filter (where intervals.quality not in ('estimated', 'substituted')),
                    sum(intervals.quantity) filter (where intervals.quality in ('estimated', 'substituted'))
                ) as jumped
            from far inner join energy.intervals as intervals
                on far.point_id = intervals.point_id and far.local_date = intervals.local_date
            group by far.point_id, far.local_date
        )

        select far.source, far.point_id, count(*), max(far.local_date), sum(step.jumped), any_value(far.quantity_unit),
            max(far.middle)
        from far inner join step using (point_id, local_date)
        where step.jumped * 2 >= far.quantity
        group by far.source, far.point_id
        order by far.source, far.point_id
        """
    ).fetchall()
    for source, point, count, last, jumped, unit, middle in rows:
        amount, usual = f"{jumped.normalize():f} {unit}", f"{float(middle):g} {unit}"
        yield Finding(
            kind="register_jumped",
            kind_name_zh="示数突增且无量程可核",
            kind_name_en="register jumped and no rating bounds it",
            severity="high",
            source=source,
            subject=point,
            message_zh=f"{point} 近八周有 {count} 天示数突增，最近一次在 {last}，突增部分 {amount} 已计入用量"
            f"（平常一天约 {usual}），实际可能在 0 到 {amount} 之间；若是换表，请写入 meter_events.csv，"
            "并在 points.csv 填写 physical_max。",
            message_en=f"{point} jumped on {count} days of the last eight weeks, last on {last}: {amount} are counted "
            f"as consumption (a usual day has about {usual}) and it can be anything from 0 to {amount}; where the "
            "meter was exchanged write it into meter_events.csv, and give physical_max in points.csv.",
            evidence={
                "days": count,
                "last_on": last,
                "quantity": jumped,
                "quantity_low": 0,
                "quantity_high": jumped,
                "usual_day": middle,
                "unit": unit,
            },
        )
