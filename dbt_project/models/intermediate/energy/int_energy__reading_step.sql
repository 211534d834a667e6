-- One row per reading: the amount between two instants in the unit the carrier is counted in. NULL where it cannot be
-- known: after a step back that is no roll-over, or where power was not sampled for long.
-- Clause: nengtan.register_to_interval   amount = (value - value before [+ register size]) x scale
with
    stepped as (

        select
            readings.point_key,
            readings.kind,
            readings.before_us as nearest_us,
            readings.reading_us as to_us,
            readings.is_last,
            case
                when readings.kind = 'interval'
                then
                    readings.reading_us - least(
                        coalesce(grid.covers_us, {{ interval_us() }}),
                        coalesce(readings.reading_us - readings.before_us, grid.covers_us, {{ interval_us() }})
                    )
                else readings.before_us
            end as from_us,
            case
                when readings.kind = 'interval'
                then readings.value
                when readings.kind = 'register'
                then readings.value - readings.before_value
                when readings.kind = 'power' and readings.reading_us - readings.before_us <= {{ short_gap_us() }}
                then
                    {{
                        first_part(
                            "(readings.value + readings.before_value)",
                            integer_divide("readings.reading_us - readings.before_us", 1000),
                            "7200000",
                        )
                    }}
            end as difference,
            points.register_size,
            points.physical_max_per_h,
            points.scale_to_quantity
        from {{ ref("int_energy__reading_neighboured") }} as readings
        inner join {{ ref("int_energy__point") }} as points on readings.point_key = points.point_key
        left join
            {{ ref("int_energy__interval_grid") }} as grid
            on readings.point_key = grid.point_key
            and readings.utc_month = grid.utc_month

    ),

    unrolled as (

        select
            stepped.*,
            case
                when kind <> 'register' or difference >= 0
                then difference
                when {{ is_roll_over() }}
                then difference + register_size
            end as amount
        from stepped

    )

select
    point_key,
    from_us,
    to_us,
    case when nearest_us < from_us then nearest_us end as gap_from_us,
    is_last,
    kind = 'power' as is_integrated,
    {{ scaled_amount("amount", "scale_to_quantity") }} as quantity
from unrolled
