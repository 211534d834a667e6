-- One row per price; times of day as minutes, 24:00 as 1440. The months are a list such as 1;2;12.
select
    energy_unit_id,
    carrier,
    band,
    cast(substr(start_time, 1, length(start_time) - 3) as integer) * 60
    + cast(substr(start_time, length(start_time) - 1, 2) as integer) as start_minute,
    cast(substr(end_time, 1, length(end_time) - 3) as integer) * 60
    + cast(substr(end_time, length(end_time) - 1, 2) as integer) as end_minute,
    ';' || months || ';' as months,
    cast(price_cny_per_unit as decimal(18, 6)) as price_cny_per_unit,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from {{ source("site", "tariffs") }}
