-- The unit processes of the product system.
select
    process_id,
    organization_id,
    energy_unit_id,
    name_zh,
    coalesce(name_en, name_zh) as name_en,
    stage,
    coalesce(allocation, 'none') as allocation
from {{ source("site", "processes") }}
