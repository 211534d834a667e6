{{ config(materialized="table") }}
-- The steps of registers around doubtful readings, each with what it is held for:
-- counted       the register counted on, or rolled over
-- caught_up     it stood still and then showed the whole amount: one step from the reading at which it last moved. A
-- batch plant stands still and starts at full power too: only a step beyond the rating tells them apart
-- stepped_back  it went back a little: the amount is negative, so that the sum stays that of the registers
-- reset         it began again from near zero        exchanged      it goes on from another value
-- clock_behind  it counted on, under stamps that lie hours before they were known and those around them do not
-- clock_jumped  more than its time allows, yet no more than with a clock that was wrong by hours: it counts
-- event         an event of the meter gives no register on this side of it
-- unconfirmed   the newest reading does not fit, and no later one says whether it is right: it is refused for now
with
    kept as (

        select
            judged.*,
            lag(reading_us) over (partition by point_key order by reading_us, side) as before_us,
            lag(value) over (partition by point_key order by reading_us, side) as before_value,
            lag(epoch) over (partition by point_key order by reading_us, side) as before_epoch,
            lag(late_us) over (partition by point_key order by reading_us, side) as before_late_us,
            lag(reading_us, 2) over (partition by point_key order by reading_us, side) as before2_us,
            lag(value, 2) over (partition by point_key order by reading_us, side) as before2_value,
            lag(epoch, 2) over (partition by point_key order by reading_us, side) as before2_epoch,
            lead(reading_us) over (partition by point_key order by reading_us, side) as after_us,
            lead(value) over (partition by point_key order by reading_us, side) as after_value,
            lead(epoch) over (partition by point_key order by reading_us, side) as after_epoch,
            lead(late_us) over (partition by point_key order by reading_us, side) as after_late_us,
            min(late_us) over (
                partition by point_key
                order by reading_us, side rows between {{ still_span() }} preceding and {{ still_span() }} following
            ) as least_late_us
        from {{ ref("int_energy__reading_judged") }} as judged
        where is_register and refusal is null

    ),

    measured as (

        select
            kept.*,
            reading_us - before_us as distance_us,
            value - before_value as difference,
            coalesce(
                late_us - least_late_us > {{ clock_suspicion_us() }}
                and (
                    abs(late_us - before_late_us) * 4 < reading_us - before_us
                    or abs(after_late_us - late_us) * 4 < after_us - reading_us
                ),
                false
            ) as is_clock_behind,
            {{
                amount_in(
                    "most_per_h", "reading_us - before_us + greatest(coalesce(late_us - before_late_us, 0), 0)", "3600000000"
                )
            }} as most,
            greatest(
                coalesce(
                    case
                        when before2_epoch = before_epoch and before_value >= before2_value
                        then {{ amount_in("(before_value - before2_value)", "reading_us - before_us", "before_us - before2_us") }}
                    end,
                    0
                ),
                coalesce(
                    case
                        when after_epoch = epoch and after_value >= value
                        then {{ amount_in("(after_value - value)", "reading_us - before_us", "after_us - reading_us") }}
                    end,
                    0
                )
            ) as usual,
            max(case when before_epoch = epoch and value <> before_value then reading_us end) over (
                partition by point_key order by reading_us, side rows between unbounded preceding and 1 preceding
            ) as moved_us,
            max(case when before_epoch = epoch and value <> before_value then place end) over (
                partition by point_key order by reading_us, side rows between unbounded preceding and 1 preceding
            ) as moved_place,
            max(case when not is_core then place end) over (
                partition by point_key order by reading_us, side rows between unbounded preceding and 1 preceding
            ) as plain_place
        from kept

    ),

    moving as (

        select point_key, place, max(difference) as difference, max(distance_us) as distance_us
        from measured
        where before_epoch = epoch and difference > 0
        group by point_key, place

    ),

    followed as (

        select
            measured.*,
            {{ amount_in("(measured.after_value - measured.value)", "reading_us - moved_us", "after_us - reading_us") }}
            as still_as_after,
            {{ amount_in("moving.difference", "reading_us - moved_us", "moving.distance_us") }} as still_as_before,
            coalesce(
                measured.difference + register_size >= 0
                and measured.difference + register_size <= coalesce(
                    most,
                    least(
                        {{ product("register_size", 6, "0.1", 6, 6) }},
                        20 * cast(usual as decimal(24, 6)) + {{ product("register_size", 6, "0.00001", 6, 6) }}
                    )
                ),
                false
            ) as is_roll_over
        from measured
        left join moving on measured.point_key = moving.point_key and measured.moved_place = moving.place

    )

select
    followed.*,
    case
        when before_us is null or (before_epoch <> epoch and distance_us = 0)
        then 'first'
        when before_epoch <> epoch
        then 'event'
        when
            difference > 0
            and moved_us < before_us
            and moved_place > coalesce(plain_place, 0)
            and reading_us - moved_us > {{ short_gap_us() }}
            and coalesce(difference > most, difference > 8 * cast(after_value - value as decimal(24, 6)) and after_value > value)
            and coalesce(
                difference <= {{ amount_in("most_per_h", "reading_us - moved_us", "3600000000") }},
                difference <= 4 * cast(greatest(still_as_before, still_as_after) as decimal(24, 6))
                and 2 * cast(difference as decimal(24, 6)) >= least(still_as_before, still_as_after)
            )
        then 'caught_up'
        when is_clock_behind and difference >= 0 and coalesce(difference <= most, true)
        then 'clock_behind'
        when difference >= 0 and coalesce(difference <= most, true)
        then 'counted'
        when difference < 0 and is_roll_over
        then 'counted'
        when
            difference < 0
            and cast(value as decimal(24, 6)) * 2 > before_value
            and - difference
            <= coalesce(most, greatest(3 * cast(usual as decimal(24, 6)), {{ product("before_value", 6, "0.001", 6, 6) }}))
        then 'stepped_back'
        when after_us is null and is_core
        then 'unconfirmed'
        when difference > 0 and difference <= {{ amount_in("most_per_h", "distance_us + " ~ clock_tolerance_us(), "3600000000") }}
        then 'clock_jumped'
        when difference < 0 and value <= coalesce(most, 20 * cast(usual as decimal(24, 6)))
        then 'reset'
        else 'exchanged'
    end as verdict
from followed
