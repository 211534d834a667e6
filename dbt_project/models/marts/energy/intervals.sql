{{
    config(
        partition_by="month",
        month_by_month=true,
        replaced_by=["point_id", "local_date"],
        order_by=["point_id", "period_start_at"],
    )
}}
-- What passed each point in each interval of the site's grid, from the registers at or around its two ends.
-- Clause: nengtan.register_to_interval
select
    cast(points.point_id as string) as point_id,
    cast({{ from_epoch_us("intervals.period_us") }} as {{ instant_type() }}) as period_start_at,
    cast(intervals.quantity as decimal(18, 6)) as quantity,
    cast(points.quantity_unit as string) as quantity_unit,
    cast(intervals.quality as string) as quality,
    cast(points.organization_id as string) as organization_id,
    cast(intervals.local_date as date) as local_date,
    cast(intervals.month as date) as month
from {{ ref("int_energy__interval") }} as intervals
inner join {{ ref("int_energy__point") }} as points on intervals.point_key = points.point_key
