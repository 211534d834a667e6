{{ config(partition_by='month') }}
-- What passed each point in each interval of the site's grid, from the registers at or around its two ends.
-- Clause: nengtan.register_to_interval
with every_interval as (

    select
        point_key,
        {{ integer_divide('from_us', interval_us()) }} as bucket,
        quantity,
        case when quantity is null then 'missing' else 'measured' end as quality
    from {{ ref('int_energy__reading_step') }}
    where from_us is not null and {{ is_exact_step() }}
    union all
    select point_key, bucket, quantity, quality
    from {{ ref('int_energy__interval_assembled') }}

),

numbered as (

    select
        every_interval.*,
        bucket * {{ interval_us() }} as period_us,
        {{ hour_number('bucket * ' ~ interval_us()) }} as hour_number
    from every_interval

)

select
    cast(points.point_id as string) as point_id,
    cast({{ from_epoch_us('numbered.period_us') }} as {{ instant_type() }}) as period_start_at,
    cast(numbered.quantity as decimal(18, 6)) as quantity,
    cast(points.quantity_unit as string) as quantity_unit,
    cast(numbered.quality as string) as quality,
    cast(points.organization_id as string) as organization_id,
    cast(hours.month as date) as month
from numbered
inner join {{ source('meta', 'calendar_hour') }} as hours on numbered.hour_number = hours.hour_number
inner join {{ ref('int_energy__point') }} as points on numbered.point_key = points.point_key
