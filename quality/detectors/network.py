"""Finds what the balances of the energy network doubt: meters, whole balances, residuals below zero."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Findings of this kind are told from the marts, whichever sources a run looked at.
KINDS = ("meter_biased", "balance_open", "residual_negative")


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield what the latest month of the marts doubts."""
    yield from _biased(connection)
    yield from _open(connection)
    yield from _negative(connection)


def _biased(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    rows = connection.execute(
        """
        select trust.point_id, points.source, trust.meter_id, strftime(trust.month, '%Y-%m'), trust.error_ratio,
            trust.error_statistic, trust.accuracy_class, trust.equally_likely, trust.organization_id
        from quality.meter_trust as trust inner join ref.points as points using (point_id)
        where trust.is_suspect and trust.month = (select max(month) from quality.balances_daily)
        order by trust.error_statistic desc, trust.point_id
        """
    ).fetchall()
    for point, source, meter, month, error, statistic, name, others, organization in rows:
        way_zh, way_en = ("偏小", "too little") if error is not None and error < 0 else ("偏大", "too much")
        percent = f"{abs(error) * 100:.1f} %" if error is not None else "100 % +"
        or_zh = f"；数据上无法与 {others} 区分" if others else ""
        or_en = f"; the data cannot tell it apart from {others}" if others else ""
        yield Finding(
            kind="meter_biased",
            kind_name_zh="计量器具疑似失准",
            kind_name_en="meter likely broken",
            severity="high",
            source=source,
            subject=point,
            message_zh=f"{month} 各平衡最可能的解释是 {meter} {way_zh}约 {percent}（等级 {name}，"
            f"统计量 {statistic:.1f}）{or_zh}；请核对接线、变比和检定。",
            message_en=f"in {month} the balances are best explained by {meter} reading about {percent} {way_en} "
            f"(class {name}, statistic {statistic:.1f}){or_en}; check its wiring, ratio and calibration.",
            evidence={"month": month, "error_ratio": error, "statistic": statistic, "equally_likely": others},
            organization_id=organization,
        )


def _open(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Balances of networks that fail the global test on most days of the month."""
    rows = connection.execute(
        """
        select carrier, balance, any_value(organization_id), strftime(any_value(month), '%Y-%m'), count(*),
            count(*) filter (where not is_closed and test_statistic > 1.96), sum(gap)::double / nullif(sum(quantity), 0)
        from quality.balances_daily where month = (select max(month) from quality.balances_daily)
        group by carrier, balance
        having count(*) filter (where not is_closed and test_statistic > 1.96) * 2 > count(*)
        order by carrier, balance
        """
    ).fetchall()
    for carrier, balance, organization, month, days, failed, ratio in rows:
        percent = f"{ratio * 100:+.1f} %" if ratio is not None else "—"
        yield Finding(
            kind="balance_open",
            kind_name_zh="能源平衡不闭合",
            kind_name_en="balance does not close",
            severity="medium",
            source="flows",
            subject=f"{balance} {carrier}",
            message_zh=f"{month} 节点 {balance} 的 {carrier} 有 {failed}/{days} 天超出准确度等级允许的范围，"
            f"不平衡率 {percent}；请查看该节点的计量器具与损耗模型。",
            message_en=f"in {month} {carrier} at {balance} does not close within the accuracy classes on {failed} of "
            f"{days} days, imbalance {percent}; look at its meters and its loss model.",
            evidence={"month": month, "days": days, "failed": failed, "imbalance_ratio": ratio},
            organization_id=organization,
        )


def _negative(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    rows = connection.execute(
        """
        with daily as (
            select days.*, units.parent_id
            from energy.consumption_daily as days inner join ref.energy_units as units using (energy_unit_id)
            where units.is_residual and days.month = (select max(month) from energy.consumption_daily)
        )
        select energy_unit_id, parent_id, organization_id, carrier, use_type, any_value(quantity_unit),
            strftime(any_value(month), '%Y-%m'), count(*) filter (where quantity < 0), sum(quantity)
        from daily group by energy_unit_id, parent_id, organization_id, carrier, use_type
        having count(*) filter (where quantity < 0) > 0
        order by energy_unit_id, carrier, use_type
        """
    ).fetchall()
    for unit, parent, organization, carrier, use, amount_unit, month, days, total in rows:
        yield Finding(
            kind="residual_negative",
            kind_name_zh="未计量用量为负",
            kind_name_en="unmetered use below zero",
            severity="high" if total < 0 else "low",
            source="allocations",
            subject=f"{unit} {carrier} {use}",
            message_zh=f"{month} 有 {days} 天 {parent} 的下级 {carrier} 计量之和大于其本身，"
            f"本月未计量用量合计 {total:.1f} {amount_unit}；请核对分表、倍率和归集关系。",
            message_en=f"on {days} days of {month} the meters below {parent} add up to more {carrier} than its own, "
            f"unmetered use of the month is {total:.1f} {amount_unit}; check sub-meters, ratios and allocations.",
            evidence={"month": month, "days": days, "quantity": total, "unit": amount_unit},
            organization_id=organization,
        )
