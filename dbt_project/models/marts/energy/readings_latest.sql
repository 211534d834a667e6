{{ config(order_by=["point_id"]) }}
-- The latest reading of each point, in the point's unit; whatever its status, so that a meter that sends rubbish shows.
with
    newest as (

        select point_id, min(reading_at) as first_reading_at, max(reading_at) as reading_at
        from {{ ref("stg_lake__reading") }}
        group by point_id

    ),

    versions as (

        select
            readings.point_id,
            newest.first_reading_at,
            readings.reading_at,
            readings.value,
            readings.status,
            readings.known_at,
            readings.source,
            readings.batch_id,
            row_number() over (
                partition by readings.point_id order by readings.known_us desc, readings.value, readings.status, readings.source
            ) as place
        from {{ ref("stg_lake__reading") }} as readings
        inner join newest on readings.point_id = newest.point_id and readings.reading_at = newest.reading_at

    ),

    arrived as (select batch_id, min(received_at) as received_at from {{ ref("stg_lake__batch") }} group by batch_id),

    seen as (

        select
            versions.point_id,
            versions.first_reading_at,
            versions.reading_at,
            {{ product("versions.value", 6, "ratings.scale_to_unit", 9, 6) }} as value,
            versions.status,
            versions.known_at,
            versions.source,
            coalesce(arrived.received_at, versions.known_at) as received_at,
            0 as is_old
        from versions
        inner join {{ ref("int_energy__point") }} as points on versions.point_id = points.point_id
        inner join
            {{ ref("int_energy__point_rating") }} as ratings
            on points.point_key = ratings.point_key
            and {{ epoch_us("versions.reading_at") }} > ratings.from_us
            and {{ epoch_us("versions.reading_at") }} <= ratings.to_us
        left join arrived on versions.batch_id = arrived.batch_id
        where versions.place = 1
        {% if not is_full_rebuild() -%}
            union all
            select point_id, first_reading_at, reading_at, value, status, known_at, source, received_at, 1
            from {{ source("meta", "published_latest") }}
        {%- endif %}

    ),

    latest as (

        select
            seen.*,
            min(first_reading_at) over (partition by point_id) as first_at,
            row_number() over (partition by point_id order by reading_at desc, is_old) as place
        from seen

    )

select
    cast(points.point_id as string) as point_id,
    cast(points.organization_id as string) as organization_id,
    cast(points.energy_unit_id as string) as energy_unit_id,
    cast(points.meter_id as string) as meter_id,
    cast(points.carrier as string) as carrier,
    cast(points.measured_quantity as string) as measured_quantity,
    cast(points.kind as string) as kind,
    cast(latest.reading_at as {{ instant_type() }}) as reading_at,
    cast(latest.value as decimal(18, 6)) as value,
    cast(points.unit as string) as value_unit,
    cast(latest.status as string) as status,
    cast(latest.received_at as {{ instant_type() }}) as received_at,
    cast(latest.known_at as {{ instant_type() }}) as known_at,
    cast(latest.source as string) as source,
    cast(latest.first_at as {{ instant_type() }}) as first_reading_at
from latest
inner join {{ ref("int_energy__point") }} as points on latest.point_id = points.point_id
where latest.place = 1
