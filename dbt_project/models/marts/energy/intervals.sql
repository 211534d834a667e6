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
    {{ words_of("points.point_id") }} as point_id,
    cast({{ from_epoch_us("intervals.period_us") }} as {{ instant_type() }}) as period_start_at,
    cast(intervals.quantity as decimal(18, 6)) as quantity,
    {{ words_of("points.quantity_unit") }} as quantity_unit,
    {{ words_of("intervals.quality") }} as quality,
    {{ words_of("points.organization_id") }} as organization_id,
    cast(intervals.local_date as date) as local_date,
    cast(intervals.month as date) as month
from {{ ref("int_energy__interval") }} as intervals
inner join {{ ref("int_energy__point_label") }} as points on intervals.point_key = points.point_key
