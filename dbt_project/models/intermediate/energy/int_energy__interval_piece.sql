-- The steps that do not fill exactly one interval, cut at the boundaries of the intervals they touch. Stretches that
-- nobody read (before a value of an interval-kind point, after the last reading of a point) are steps of unknown amount.
with
    stretch as (

        select point_key, from_us, to_us, quantity, is_integrated
        from {{ ref("int_energy__reading_step") }}
        where from_us is not null and not {{ is_exact_step() }}
        union all
        select point_key, gap_from_us, from_us, cast(null as decimal(18, 6)), false
        from {{ ref("int_energy__reading_step") }}
        where gap_from_us is not null
        union all
        select steps.point_key, steps.to_us, horizon.horizon_us, cast(null as decimal(18, 6)), false
        from {{ ref("int_energy__reading_step") }} as steps
        cross join {{ source("meta", "horizon") }} as horizon
        where steps.is_last and steps.to_us < horizon.horizon_us

    ),

    touched as (

        select
            stretch.*,
            {{ integer_divide("from_us", interval_us()) }} as first_bucket,
            {{ integer_divide("to_us - 1", interval_us()) }} as last_bucket
        from stretch

    ),

    cut as (

        select
            touched.*,
            touched.first_bucket + numbers.n as bucket,
            greatest(touched.from_us, (touched.first_bucket + numbers.n) * {{ interval_us() }}) as piece_from_us,
            least(touched.to_us, (touched.first_bucket + numbers.n + 1) * {{ interval_us() }}) as piece_to_us
        from touched
        inner join {{ source("meta", "number") }} as numbers on numbers.n <= touched.last_bucket - touched.first_bucket

    )

select
    point_key,
    bucket,
    piece_from_us,
    piece_to_us,
    is_integrated,
    to_us - from_us > {{ short_gap_us() }} as is_long,
    piece_from_us = from_us as begins_read,
    piece_to_us = to_us as ends_read,
    case
        when quantity is null
        then null
        when piece_from_us = from_us and piece_to_us = to_us
        then quantity
        else
            cast(
                {{ first_part("quantity", "(piece_to_us - from_us)", "(to_us - from_us)") }}
                - {{ first_part("quantity", "(piece_from_us - from_us)", "(to_us - from_us)") }} as decimal(18, 6)
            )
    end as quantity
from cut
