-- One row per reading as received; times also as integers, for steps and buckets.
select
    point_id,
    reading_at,
    {{ epoch_us("reading_at") }} as reading_us,
    cast(value as decimal(18, 6)) as value,
    unit,
    status,
    status not like 'bad%' as is_usable,
    known_at,
    {{ epoch_us("known_at") }} as known_us,
    source,
    batch_id,
    month as utc_month
from {{ source("lake", "reading") }}
