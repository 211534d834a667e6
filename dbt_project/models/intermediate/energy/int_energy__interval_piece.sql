-- The stretches cut at the boundaries of the intervals they touch; gaps only as far as this run rebuilds them.
with
    window_of_run as (

        select
            min(hour_number) * 3600000000 - {{ hour_phase_us() }} as begin_us,
            (max(hour_number) + 1) * 3600000000 - {{ hour_phase_us() }} as end_us
        from {{ source("meta", "calendar_hour") }}

    ),

    touched as (

        select
            stretch.*,
            {{ integer_divide("case when nature = 'gap' then greatest(from_us, begin_us) else from_us end", interval_us()) }}
            as first_bucket,
            {{ integer_divide("case when nature = 'gap' then least(to_us, end_us) else to_us end - 1", interval_us()) }}
            as last_bucket
        from {{ ref("int_energy__stretch") }} as stretch
        cross join window_of_run as limits

    )

select
    touched.point_key,
    touched.from_us,
    touched.to_us,
    touched.quantity,
    touched.nature,
    touched.nature in ('caught_up', 'gap') or touched.to_us - touched.from_us > {{ short_gap_us() }} as is_long,
    touched.first_bucket + numbers.n as bucket,
    greatest(touched.from_us, (touched.first_bucket + numbers.n) * {{ interval_us() }}) as piece_from_us,
    least(touched.to_us, (touched.first_bucket + numbers.n + 1) * {{ interval_us() }}) as piece_to_us
from touched
inner join {{ source("meta", "number") }} as numbers on numbers.n <= touched.last_bucket - touched.first_bucket
