{{ config(materialized="table") }}
-- What holds for the readings of a point between two changes of its transformer ratio: the scale, and the most that can
-- pass in a whole interval and in an hour, in the units of the received values (the physical maximum and a fifth to
-- spare). More than `most_counted` in one step is no amount at all, whatever the rating. A step belongs to the stretch
-- (from_us, to_us] in which it ends.
with
    change as (

        select points.point_key, events.event_us, {{ product("events.new_ratio", 6, "points.multiplier", 9, 9) }} as scale_to_unit
        from {{ ref("stg_site__meter_event") }} as events
        inner join
            {{ ref("int_energy__point") }} as points
            on events.meter_id = points.meter_id
            and (events.point_id is null or events.point_id = points.point_id)
        where events.event = 'ratio_change' and not points.ratios_applied

    ),

    stretch as (

        select point_key, cast(-9000000000000000 as bigint) as from_us, scale_to_unit
        from {{ ref("int_energy__point") }}
        union all
        select point_key, event_us, scale_to_unit
        from change

    ),

    bounded as (

        select
            stretch.*, lead(from_us, 1, cast(9000000000000000 as bigint)) over (partition by point_key order by from_us) as to_us
        from stretch

    ),

    scaled as (

        select
            bounded.point_key,
            bounded.from_us,
            bounded.to_us,
            points.kind = 'register' as is_register,
            points.kind = 'interval' as is_interval,
            points.kind = 'power' as is_power,
            points.register_size,
            bounded.scale_to_unit,
            {{ product("bounded.scale_to_unit", 9, "points.conversion_factor", 12, 9) }} as scale_to_quantity,
            cast(
                {{ divide_decimal(product("points.physical_max", 6, "1.2", 6, 6), "bounded.scale_to_unit") }} as decimal(18, 6)
            ) as most_per_h
        from bounded
        inner join {{ ref("int_energy__point") }} as points on bounded.point_key = points.point_key

    )

select
    scaled.*,
    {{ divide_decimal("100000000000", "greatest(scale_to_quantity, 1)") }} as most_counted,
    case when is_power then most_per_h else {{ first_part("most_per_h", var("interval_minutes"), "60") }} end as most_per_interval
from scaled
