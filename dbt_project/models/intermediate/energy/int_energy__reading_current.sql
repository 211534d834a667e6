-- The reading that holds for each point and time: the latest knowledge wins; at the same knowledge time the row that
-- comes first in canonical order (the smaller value) does. A reading that was last reported as bad does not count.
with
    narrow as (

        select
            points.point_key,
            points.kind,
            readings.reading_us,
            readings.known_us,
            readings.value,
            readings.is_usable,
            readings.utc_month
        from {{ ref("stg_lake__reading") }} as readings
        inner join {{ ref("int_energy__point") }} as points on readings.point_id = points.point_id
        where points.kind <> 'state'

    ),

    ordered as (

        select
            narrow.*,
            lead(reading_us) over (partition by point_key order by reading_us, known_us, value desc, is_usable) as next_us
        from narrow

    )

select point_key, kind, reading_us, value, utc_month
from ordered
where is_usable and (next_us is null or next_us <> reading_us)
