-- The products of the product system and who makes them.
select
    product_id,
    organization_id,
    process_id,
    name_zh,
    coalesce(name_en, name_zh) as name_en,
    declared_unit,
    cast(declared_amount as decimal(18, 6)) as declared_amount,
    cast(mass_per_declared_unit_kg as decimal(18, 6)) as mass_per_declared_unit_kg
from {{ source("site", "products") }}
