"""Tells what the readings of a point suffered: some refused, a register that began again, stood still or went on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding
from quality.window import DAYS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: What has to be recorded or repaired by someone comes first.
_SEVERITY = {
    "reset": "high",
    "exchanged": "high",
    "event": "medium",
    "ratio_changed": "medium",
    "beyond_rating": "medium",
}


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each point and kind of fault of a little more than a year."""
    rows = connection.execute(
        """
        select
            points.source, faults.point_id, faults.fault, faults.fault_name_zh, faults.fault_name_en, count(*),
            min(faults.fault_at), max(faults.fault_at), max_by(faults.value, faults.fault_at),
            any_value(faults.value_unit), sum(faults.quantity), sum(faults.quantity_low), sum(faults.quantity_high),
            any_value(faults.quantity_unit)
        from quality.reading_faults as faults
        inner join ref.points as points on faults.point_id = points.point_id
        where faults.local_date > (select max(local_date) from quality.reading_faults) - interval (?) day
        group by all
        order by points.source, faults.point_id, faults.fault
        """,
        [DAYS],
    ).fetchall()
    for source, point, fault, zh, en, count, first, last, value, unit, quantity, low, high, quantity_unit in rows:
        when, shown = f"{last:%Y-%m-%d %H:%M} UTC", f"{value.normalize():f} {unit}"
        amount = "-" if quantity is None else f"{quantity.normalize():f} {quantity_unit}"
        between = "" if low is None else f"{low.normalize():f}–{high.normalize():f} {quantity_unit}"
        yield Finding(
            kind=f"reading_{fault}",
            kind_name_zh=zh,
            kind_name_en=en,
            severity=_SEVERITY.get(fault, "low"),
            source=source,
            subject=point,
            message_zh=f"{point}：{zh}，共 {count} 次，最近一次在 {when}，读数 {shown}；"
            f"所涉时段计入 {amount}" + (f"，可能在 {between} 之间" if between else "") + "。",
            message_en=f"{point}: {en}; {count} times, last at {when} with {shown}; "
            f"{amount} is counted for the time concerned" + (f", it can be {between}" if between else "") + ".",
            evidence={
                "times": count,
                "first_at": first,
                "last_at": last,
                "value": value,
                "quantity": quantity,
                "quantity_low": low,
                "quantity_high": high,
                "unit": quantity_unit,
            },
        )
