-- One row per measured quantity of a meter.
select
    point_id,
    meter_id,
    quantity as measured_quantity,
    kind,
    unit,
    cast(multiplier as decimal(18, 9)) as multiplier,
    cast(register_size as decimal(18, 6)) as register_size,
    cast(physical_max as decimal(18, 6)) as physical_max,
    source,
    substitution
from {{ source("site", "points") }}
