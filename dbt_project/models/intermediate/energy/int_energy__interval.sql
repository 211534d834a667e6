{{ config(materialized="table") }}
-- What passed each point in each interval of the months to rebuild, by whole-number keys and ordered by month. Most
-- steps fill exactly one interval and are taken as they are; the others were cut and put together.
-- Clause: nengtan.register_to_interval
with
    every_interval as (

        select
            point_key,
            {{ integer_divide("from_us", interval_us()) }} as bucket,
            quantity,
            case when quantity is null then 'missing' when is_integrated then 'interpolated' else 'measured' end as quality
        from {{ ref("int_energy__reading_step") }}
        where from_us is not null and {{ is_exact_step() }}
        union all
        select point_key, bucket, quantity, quality
        from {{ ref("int_energy__interval_assembled") }}

    ),

    numbered as (

        select
            every_interval.*,
            bucket * {{ interval_us() }} as period_us,
            {{ hour_number("bucket * " ~ interval_us()) }} as hour_number
        from every_interval

    )

select numbered.point_key, numbered.period_us, numbered.quantity, numbered.quality, hours.local_date, hours.month
from numbered
inner join {{ source("meta", "calendar_hour") }} as hours on numbered.hour_number = hours.hour_number
order by hours.month, numbered.point_key, numbered.period_us
