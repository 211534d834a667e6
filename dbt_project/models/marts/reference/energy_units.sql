{{ config(order_by=["organization_id", "level", "energy_unit_id"]) }}
-- The energy-using units of the site with their place in the hierarchy.
select
    cast(units.energy_unit_id as string) as energy_unit_id,
    cast(units.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(units.parent_id as string) as parent_id,
    cast(units.level as integer) as level,
    cast(units.is_root as boolean) as is_root,
    cast(units.kind as string) as kind,
    cast(units.is_residual as boolean) as is_residual,
    cast(units.name_zh as string) as energy_unit_name_zh,
    cast(units.name_en as string) as energy_unit_name_en
from {{ ref("stg_site__energy_unit") }} as units
inner join {{ ref("stg_site__organization") }} as organizations on units.organization_id = organizations.organization_id
