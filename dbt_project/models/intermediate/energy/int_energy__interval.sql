{{ config(materialized="table") }}
-- What passed each point in each interval of the days to rebuild, by whole-number keys and in no order. Most steps fill
-- exactly one interval and are taken as they are; the others were cut and put together.
-- Clause: nengtan.register_to_interval
with
    every_interval as (

        select
            point_key,
            from_us as period_us,
            quantity,
            case when is_integrated then {{ quality_word("'interpolated'") }} else {{ quality_word("'measured'") }} end as quality
        from {{ ref("int_energy__step_plain") }}
        where quantity is not null and {{ is_exact_step("reading_us") }}
        union all
        select point_key, bucket * {{ interval_us() }}, quantity, {{ quality_word("quality") }}
        from {{ ref("int_energy__interval_assembled") }}

    )

select
    every_interval.point_key,
    every_interval.period_us,
    every_interval.quantity,
    every_interval.quality,
    hours.local_date,
    hours.month
from every_interval
inner join {{ source("meta", "calendar_hour") }} as hours on {{ hour_number("every_interval.period_us") }} = hours.hour_number
