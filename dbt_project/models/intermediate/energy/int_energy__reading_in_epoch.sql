-- The readings around the doubtful ones with the registers that are known at events of the meter, in the order of time.
-- An epoch is the time between two events that break the count; a reading of the very instant of an event belongs to the
-- old epoch where it continues it, and gives way where the event says both registers.
with
    placed_event as (

        select events.point_key, events.event_us, events.final_register, events.initial_register, max(near.place) as place
        from {{ ref("int_energy__register_event") }} as events
        inner join
            {{ ref("int_energy__reading_step") }} as near
            on events.point_key = near.point_key
            and events.event_us = near.reading_us
        group by events.point_key, events.event_us, events.final_register, events.initial_register

    ),

    beside as (

        select readings.*, lag(value) over (partition by point_key order by reading_us) as lag_value
        from {{ ref("int_energy__reading_doubtful") }} as readings

    ),

    given as (

        select
            beside.point_key,
            beside.reading_us,
            case when events.event_us is null or beside.value >= beside.lag_value then 0 else 3 end as side,
            beside.place,
            beside.is_core,
            beside.value,
            beside.late_us
        from beside
        left join placed_event as events on beside.point_key = events.point_key and beside.reading_us = events.event_us
        where events.event_us is null or events.final_register is null or events.initial_register is null
        union all
        select point_key, event_us, 1, place, true, final_register, cast(null as bigint)
        from placed_event
        where final_register is not null
        union all
        select point_key, event_us, 2, place, true, initial_register, cast(null as bigint)
        from placed_event

    ),

    counted as (

        select
            given.*,
            sum(case when side = 2 then 1 else 0 end) over (
                partition by point_key order by reading_us, side rows between unbounded preceding and current row
            ) as epoch
        from given

    )

select
    counted.point_key,
    counted.reading_us,
    counted.side,
    counted.place,
    counted.is_core,
    counted.epoch,
    counted.value,
    counted.late_us,
    counted.side in (1, 2) as is_given,
    ratings.is_register,
    ratings.is_interval,
    ratings.is_power,
    ratings.scale_to_quantity,
    ratings.most_per_interval,
    ratings.most_per_h,
    ratings.register_size
from counted
inner join
    {{ ref("int_energy__point_rating") }} as ratings
    on counted.point_key = ratings.point_key
    and counted.reading_us > ratings.from_us
    and counted.reading_us <= ratings.to_us
where counted.value is not null
