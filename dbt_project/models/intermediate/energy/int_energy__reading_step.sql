{{ config(materialized="table") }}
-- One row per received reading with the step that ends in it, in one pass over raw. Of the readings of one instant the
-- one known last holds (of those known at once the smaller value); `quantity` is right wherever no doubtful reading is
-- near. Doubtful: reported as bad, at an event of the meter, a register that steps back or was corrected to what does not lie
-- between the readings around it (as one whose clock was set back), more than can pass, a gap of a point that counts by
-- intervals. Clean data never leaves this model and the next.
-- Clause: nengtan.register_to_interval   amount = (value - value before) x scale
with
    received as (

        select
            points.point_key,
            readings.reading_us,
            readings.known_us,
            case when readings.is_usable then readings.value end as value
        from {{ ref("stg_lake__reading") }} as readings
        inner join {{ ref("int_energy__point") }} as points on readings.point_id = points.point_id
        where points.kind <> 'state'
        union all
        select point_key, event_us, {{ forever_us() }}, cast(null as decimal(18, 6))
        from {{ ref("int_energy__register_event") }}
        union all
        select point_key, from_us, {{ forever_us() }}, cast(null as decimal(18, 6))
        from {{ ref("int_energy__point_rating") }}
        where from_us > 0 and not is_interval

    ),

    beside as (

        select
            point_key,
            reading_us,
            value,
            row_number() over (partition by point_key order by reading_us, known_us, value desc nulls first) as place,
            lag(reading_us) over (partition by point_key order by reading_us, known_us, value desc nulls first) as lag_us,
            lag(value) over (partition by point_key order by reading_us, known_us, value desc nulls first) as lag_value,
            lag(reading_us, 2) over (partition by point_key order by reading_us, known_us, value desc nulls first) as lag2_us,
            lag(value, 2) over (partition by point_key order by reading_us, known_us, value desc nulls first) as lag2_value,
            lead(reading_us) over (partition by point_key order by reading_us, known_us, value desc nulls first) as lead_us,
            lead(value) over (partition by point_key order by reading_us, known_us, value desc nulls first) as lead_value
        from received

    ),

    rated as (

        select
            beside.*,
            case when lag_us = reading_us then lag2_us else lag_us end as before_us,
            case when lag_us = reading_us then lag2_value else lag_value end as before_value,
            ratings.scale_to_quantity,
            ratings.most_per_h,
            ratings.most_per_interval,
            ratings.most_counted,
            ratings.is_register,
            ratings.is_interval,
            ratings.is_power
        from beside
        inner join
            {{ ref("int_energy__point_rating") }} as ratings
            on beside.point_key = ratings.point_key
            and beside.reading_us > ratings.from_us
            and beside.reading_us <= ratings.to_us

    ),

    measured as (

        select
            rated.*,
            lead_us is null or lead_us <> reading_us as is_held,
            reading_us - before_us as distance_us,
            value - before_value as difference,
            case
                when
                    is_register
                    and before_value = lag2_value
                    and lag2_us < lag_us
                    and lag_us < reading_us
                    and value > before_value
                then
                    value - before_value > most_per_interval
                    or (lead_value > value and value - before_value > 8 * cast(lead_value - value as decimal(24, 6)))
                else false
            end as is_catch_up,
            is_register
            and lag_us = reading_us
            and lag_value <> value
            and not coalesce(lag2_us < reading_us and value >= lag2_value and value <= lead_value, false) as is_corrected,
            case
                when is_interval
                then
                    {{
                        interval_covers(
                            "reading_us - before_us",
                            "case when lag_us <> reading_us then before_us - lag2_us end",
                            "lead_us - reading_us",
                        )
                    }}
            end as covers_us
        from rated

    ),

    judged as (

        select
            measured.*,
            case
                when not is_held
                then false
                when  -- nearly all, and nothing else is asked of them
                    is_register
                    and difference >= 0
                    and difference <= most_per_interval
                    and difference <= most_counted
                    and distance_us > 0
                    and distance_us <= {{ interval_us() }}
                    and not is_catch_up
                    and not is_corrected
                then false
                when
                    value is null
                    or distance_us = 0
                    or is_catch_up
                    or is_corrected
                    or abs(coalesce(difference, 0)) > most_counted
                    or abs(value) > most_counted
                    and not is_register
                then true
                when is_interval
                then abs(value) > most_per_interval or distance_us > covers_us
                when is_power
                then abs(value) > most_per_h
                when difference < 0
                then true
                when distance_us <= {{ interval_us() }}
                then difference > most_per_interval
                else difference > {{ amount_in("most_per_h", "distance_us", "3600000000") }}
            end as is_doubtful,
            case
                when not is_held
                then null
                when is_register
                then difference
                when is_interval
                then value
                when distance_us <= {{ short_gap_us() }}
                then {{ first_part("(value + before_value)", integer_divide("distance_us", 1000), "7200000") }}
            end as amount
        from measured

    )

select
    point_key,
    cast(place as integer) as place,
    reading_us,
    case when is_interval then reading_us - covers_us else before_us end as from_us,
    lead_us is null as is_last,
    is_held,
    is_power as is_integrated,
    is_catch_up,
    is_register and (is_corrected or difference < 0) as is_restamped,
    coalesce(is_doubtful, false) as is_doubtful,
    case
        when not coalesce(is_doubtful, false) then cast({{ scaled_amount("amount", "scale_to_quantity") }} as decimal(18, 6))
    end as quantity
from judged
