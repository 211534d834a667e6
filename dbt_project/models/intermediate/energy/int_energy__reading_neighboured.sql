{{ config(materialized="table") }}
-- Each reading with the readings beside it, glitches removed: a single reading above or below both neighbours, which
-- fit each other, is no register value and costs only the intervals that it touches.
with
    beside as (

        select
            current_reading.*,
            lag(reading_us) over (partition by point_key order by reading_us) as before_us,
            lag(value) over (partition by point_key order by reading_us) as before_value,
            lag(reading_us, 2) over (partition by point_key order by reading_us) as before2_us,
            lag(value, 2) over (partition by point_key order by reading_us) as before2_value,
            lead(value) over (partition by point_key order by reading_us) as after_value
        from {{ ref("int_energy__reading_current") }} as current_reading

    ),

    judged as (

        select
            beside.*,
            kind = 'register' and after_value >= before_value and (value > after_value or value < before_value) as is_glitch,
            kind = 'register'
            and value >= before2_value
            and (before_value > value or before_value < before2_value) as is_after_glitch
        from beside

    )

select
    point_key,
    kind,
    reading_us,
    value,
    utc_month,
    case when is_after_glitch then before2_us else before_us end as before_us,
    case when is_after_glitch then before2_value else before_value end as before_value,
    after_value is null as is_last
from judged
where is_glitch is null or not is_glitch
