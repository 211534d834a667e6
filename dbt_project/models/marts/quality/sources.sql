{{ config(order_by=["source"]) }}
-- When each source was last heard of, and how far its newest reading lags behind the newest of all sources.
with
    arrivals as (

        select
            source,
            max(received_at) as last_seen_at,
            count(*) as batch_count,
            sum(rows_landed) as landed_count,
            sum(rows_repeated) as repeated_count,
            sum(rows_refused) as refused_count
        from {{ ref("stg_lake__batch") }}
        group by source

    ),

    newest as (select source, max(reading_at) as last_reading_at from {{ ref("readings_latest") }} group by source),

    named as (

        select source
        from arrivals
        union
        select source
        from {{ ref("int_quality__source_owner") }}

    )

select
    cast(named.source as string) as source,
    cast(owners.organization_id as string) as organization_id,
    cast(coalesce(owners.points_count, 0) as bigint) as points_count,
    cast(arrivals.last_seen_at as {{ instant_type() }}) as last_seen_at,
    cast(newest.last_reading_at as {{ instant_type() }}) as last_reading_at,
    cast({{ integer_divide("horizon.newest_us - " ~ epoch_us("newest.last_reading_at"), "1000000") }} as bigint) as lag_s,
    cast(coalesce(arrivals.batch_count, 0) as bigint) as batch_count,
    cast(coalesce(arrivals.landed_count, 0) as bigint) as landed_count,
    cast(coalesce(arrivals.repeated_count, 0) as bigint) as repeated_count,
    cast(coalesce(arrivals.refused_count, 0) as bigint) as refused_count
from named
cross join {{ source("meta", "horizon") }} as horizon
left join arrivals on named.source = arrivals.source
left join newest on named.source = newest.source
left join {{ ref("int_quality__source_owner") }} as owners on named.source = owners.source
