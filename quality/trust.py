"""How far each meter can be trusted in each month: quality.meter_trust."""

from typing import TYPE_CHECKING

import pyarrow as pa

from quality import calibrations, tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def rows(connection: "DuckDBPyConnection", errors: pa.Table, timezone: str) -> pa.Table:
    """Return one row per meter and month of the completeness mart.

    A calibration is judged on the last day of the month, of the latest month on the last day that has data; `timezone`
    is the site's.

    `errors` has what the balances say of a point in a month: point_id, month, limit_ratio, error_ratio,
    error_statistic, is_suspect, equally_likely, imbalance_share_ratio. A meter is judged by the point they doubt most.
    """
    connection.register("network_errors", errors)
    try:
        return connection.sql(_SQL, params={"timezone": timezone}).to_arrow_table().cast(tables.METER_TRUST)
    finally:
        connection.unregister("network_errors")


_SQL = f"""
    with counted as (
        select points.meter_id, days.month, sum(days.expected)::bigint as expected,
            sum(days.received)::bigint as received, sum(days.missing_count)::bigint as missing_count,
            sum(days.estimated_count)::bigint as estimated_count
        from quality.completeness_daily as days inner join ref.points as points using (point_id)
        group by points.meter_id, days.month
    ),

    seen as (
        select points.meter_id, max(latest.reading_at) as last_seen_at
        from energy.readings_latest as latest inner join ref.points as points using (point_id)
        group by points.meter_id
    ),

    doubted as (
        select points.meter_id, errors.*
        from network_errors as errors inner join ref.points as points using (point_id)
        qualify row_number() over (
            partition by points.meter_id, errors.month
            order by errors.is_suspect desc, errors.error_statistic desc nulls last, errors.point_id
        ) = 1
    ),

    months as (
        select month, least((month + interval 1 month - interval 1 day)::date, max(max(local_date)) over ())
            as judged_on
        from quality.completeness_daily group by month
    ),

    due as ({calibrations.due("select judged_on as day from months")}),

    judged as (
        select meters.meter_id, months.month, units.organization_id, organizations.name_zh as organization_name_zh,
            coalesce(organizations.name_en, organizations.name_zh) as organization_name_en, meters.energy_unit_id,
            units.name_zh as energy_unit_name_zh, coalesce(units.name_en, units.name_zh) as energy_unit_name_en,
            meters.carrier, meters.model, meters.accuracy_class, due.calibrated_on, due.calibration_due_on,
            case
                when due.calibration_due_on is null then 'unknown'
                when due.calibration_due_on < months.judged_on then 'expired'
                else 'valid'
            end as calibration_state,
            counted.expected, counted.received, counted.missing_count, counted.estimated_count,
            counted.received / nullif(counted.expected, 0)::double as completeness_ratio, seen.last_seen_at,
            doubted.point_id, doubted.limit_ratio, doubted.error_ratio, doubted.error_statistic,
            doubted.error_ratio - lag(doubted.error_ratio) over (partition by meters.meter_id order by months.month)
                as drift_ratio,
            doubted.imbalance_share_ratio, coalesce(doubted.is_suspect, false) as is_suspect, doubted.equally_likely
        from (
            select * from ref.meters semi join (select meter_id from ref.points where kind <> 'state') using (meter_id)
        ) as meters
        cross join months
        inner join due on meters.meter_id = due.meter_id and months.judged_on = due.day
        inner join ref.energy_units as units using (energy_unit_id)
        inner join ref.organizations as organizations using (organization_id)
        left join counted on meters.meter_id = counted.meter_id and months.month = counted.month
        left join seen on meters.meter_id = seen.meter_id
        left join doubted on meters.meter_id = doubted.meter_id and months.month = doubted.month
    ),

    worded as (
        select judged.*, month = max(month) over () as is_latest,
            case
                when is_suspect then 'suspect'
                when calibration_state = 'expired' then 'expired'
                when expected is null then 'silent'
                when missing_count > 0 then 'incomplete'
                when point_id is null then 'untested'
                else 'trusted'
            end as verdict
        from judged
    ),

    names(verdict, verdict_name_zh, verdict_name_en) as (
        values ('suspect', '疑似失准', 'likely broken'), ('expired', '检定过期', 'calibration expired'),
            ('silent', '没有数据', 'no data'), ('incomplete', '数据有缺', 'gaps'),
            ('untested', '无平衡可检验', 'no balance tests it'), ('trusted', '可信', 'trusted')
    )

    select {", ".join(tables.METER_TRUST.names)}
    from worded inner join names using (verdict)
    order by month, meter_id
"""
