-- One row per energy-using unit with its depth in the site; the root unit of an organisation has no parent.
select
    units.energy_unit_id,
    units.organization_id,
    units.parent_id,
    units.parent_id is null as is_root,
    units.kind,
    coalesce(units.is_residual, false) as is_residual,
    units.gb17167_level,
    units.carriers,
    units.name_zh,
    coalesce(units.name_en, units.name_zh) as name_en,
    cast(closure.level as integer) as level
from {{ source("site", "energy_units") }} as units
inner join {{ source("site", "unit_closure") }} as closure on units.energy_unit_id = closure.descendant and closure.distance = 0
