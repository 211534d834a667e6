{{ config(order_by=["source"]) }}
-- When each source was last heard of, how far its newest reading lags behind the newest of all sources, when its
-- collector was without it, and how far the clock of its worst device is away.
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

    outages as (

        select
            source,
            count(*) as outage_count,
            sum({{ epoch_us("to_at") }} - {{ epoch_us("from_at") }}) as outage_us,
            max(from_at) as last_outage_from_at
        from {{ source("site", "source_outages") }}
        group by source

    ),

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
    cast(coalesce(arrivals.refused_count, 0) as bigint) as refused_count,
    cast(coalesce(outages.outage_count, 0) as bigint) as outage_count,
    cast(coalesce({{ integer_divide("outages.outage_us", "1000000") }}, 0) as bigint) as outage_s,
    cast(outages.last_outage_from_at as {{ instant_type() }}) as last_outage_from_at,
    cast(clocks.device as string) as clock_device,
    cast(clocks.offset_s as bigint) as clock_offset_s
from named
cross join {{ source("meta", "horizon") }} as horizon
left join arrivals on named.source = arrivals.source
left join newest on named.source = newest.source
left join {{ ref("int_quality__source_owner") }} as owners on named.source = owners.source
left join outages on named.source = outages.source
left join {{ source("site", "source_clocks") }} as clocks on named.source = clocks.source
