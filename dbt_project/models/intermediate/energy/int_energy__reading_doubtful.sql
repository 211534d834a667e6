{{ config(materialized="table") }}
-- The readings around the doubtful ones, one for each instant (the version that holds, which alone says whether the
-- instant is in the core), read from raw once more: with their values and how long after its instant each was known.
with
    near as (

        select steps.point_key, steps.reading_us, steps.place, near.is_core
        from {{ ref("int_energy__reading_step") }} as steps
        inner join
            {{ ref("int_energy__reading_near") }} as near
            on {{ reading_key("steps.point_key", "steps.place") }} = near.reading_key
        where steps.is_held

    ),

    named as (

        select points.point_id, near.*
        from near
        inner join {{ ref("int_energy__point") }} as points on near.point_key = points.point_key

    ),

    version as (

        select
            named.point_key,
            named.reading_us,
            named.place,
            named.is_core,
            readings.known_us - readings.reading_us as late_us,
            case when readings.is_usable then readings.value end as value,
            row_number() over (
                partition by named.point_key, named.reading_us
                order by readings.known_us desc, case when readings.is_usable then readings.value end nulls last
            ) as newness
        from {{ ref("stg_lake__reading") }} as readings
        inner join named on readings.point_id = named.point_id and readings.reading_us = named.reading_us

    )

select point_key, reading_us, place, is_core, value, late_us
from version
where newness = 1 and value is not null
