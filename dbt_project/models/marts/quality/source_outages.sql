{{ config(order_by=["source", "from_at"]) }}
-- When a collector was without a source, why, and for how long; without an end it lasts.
select
    cast(outages.source as string) as source,
    cast(owners.organization_id as string) as organization_id,
    cast(outages.from_at as {{ instant_type() }}) as from_at,
    cast(outages.to_at as {{ instant_type() }}) as to_at,
    cast({{ integer_divide(epoch_us("outages.to_at") ~ " - " ~ epoch_us("outages.from_at"), "1000000") }} as bigint) as outage_s,
    cast(outages.reason as string) as outage_reason
from {{ source("site", "source_outages") }} as outages
left join {{ ref("int_quality__source_owner") }} as owners on outages.source = owners.source
