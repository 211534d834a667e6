{{ config(order_by=["organization_id", "energy_unit_id", "year"]) }}
-- Comprehensive energy consumption of each energy-using unit and year, in both conventions: the sum of its months, whose
-- number is told. Children are in their parent: never sum over levels.
-- Clause: gbt_2589.comprehensive_energy
with years as ({{ years_of_comprehensive_energy(ref("comprehensive_units_monthly"), ["organization_id", "energy_unit_id"]) }})

select
    cast(years.year as integer) as year,
    cast(years.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(years.energy_unit_id as string) as energy_unit_id,
    cast(units.name_zh as string) as energy_unit_name_zh,
    cast(units.name_en as string) as energy_unit_name_en,
    cast(units.level as integer) as level,
    {{ comprehensive_energy_columns() }}
from years
inner join {{ ref("stg_site__organization") }} as organizations on years.organization_id = organizations.organization_id
inner join {{ ref("stg_site__energy_unit") }} as units on years.energy_unit_id = units.energy_unit_id
