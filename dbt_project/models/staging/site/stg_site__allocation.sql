-- One row per part of a unit's consumption of a carrier; an open end is a date beyond every reading.
select
    energy_unit_id,
    carrier,
    point_id,
    case when sign < 0 then - share else share end as weight,
    use_type,
    role,
    counterparty,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from {{ source("site", "allocations") }}
