-- The steps of points that count by intervals or tell power, around doubtful readings: a value covers the time up to its
-- instant, power is integrated between two readings no further apart than a short gap. What no reading covers is a gap.
with
    beside as (

        select
            readings.*,
            lag(reading_us) over (partition by point_key order by reading_us) as before_us,
            lag(reading_us, 2) over (partition by point_key order by reading_us) as before2_us,
            lag(value) over (partition by point_key order by reading_us) as before_value,
            lag(scale_to_quantity) over (partition by point_key order by reading_us) as before_scale,
            lead(reading_us) over (partition by point_key order by reading_us) as after_us
        from {{ ref("int_energy__reading_judged") }} as readings
        where not is_register and refusal is null

    ),

    covered as (

        select
            beside.*,
            case
                when is_interval
                then
                    reading_us
                    - {{ interval_covers("reading_us - before_us", "before_us - before2_us", "after_us - reading_us") }}
                else before_us
            end as from_us,
            {{ scaled_amount("value", "scale_to_quantity") }} as scaled_value,
            {{ scaled_amount("before_value", "before_scale") }} as scaled_before
        from beside
        where is_core

    )

select
    point_key,
    from_us,
    reading_us as to_us,
    is_power as is_integrated,
    case
        when is_interval
        then scaled_value
        when reading_us - from_us <= {{ short_gap_us() }}
        then {{ first_part("(scaled_value + scaled_before)", integer_divide("reading_us - from_us", 1000), "7200000") }}
    end as quantity
from covered
where from_us is not null
union all
select point_key, before_us, from_us, is_power, cast(null as decimal(18, 6))
from covered
where before_us < from_us
