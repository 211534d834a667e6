{{ config(partition_by="month", order_by=["month", "organization_id", "carrier", "point_id"]) }}
-- Which measured points make up what an organisation's root unit bought, made, used and sold of a carrier in a month,
-- and how much of it each counted. The points of a row of energy.consumption_monthly add up to it.
-- Clause: gbt_2589.coal_equivalent
with
    roots as (

        select units.organization_id, units.energy_unit_id
        from {{ ref("stg_site__energy_unit") }} as units
        left join
            (select distinct parent_id from {{ ref("stg_site__organization") }}) as parks
            on units.organization_id = parks.parent_id
        where units.is_root and parks.parent_id is null

    )

select
    cast(days.month as date) as month,
    cast(roots.organization_id as string) as organization_id,
    cast(roots.energy_unit_id as string) as energy_unit_id,
    cast(allocations.carrier as string) as carrier,
    cast(allocations.use_type as string) as use_type,
    cast(allocations.role as string) as role,
    cast(allocations.point_id as string) as point_id,
    cast(sum({{ product("days.quantity", 6, "allocations.weight", 9, 6) }}) as decimal(18, 6)) as quantity,
    cast(days.quantity_unit as string) as quantity_unit
from {{ ref("completeness_daily") }} as days
inner join
    {{ ref("int_energy__allocation_resolved") }} as allocations
    on days.point_id = allocations.point_id
    and days.local_date >= allocations.segment_from
    and days.local_date < allocations.segment_to
inner join roots on allocations.energy_unit_id = roots.energy_unit_id
where {{ only_rebuilt_months("days.month") }} and days.quantity is not null
group by
    days.month,
    roots.organization_id,
    roots.energy_unit_id,
    allocations.carrier,
    allocations.use_type,
    allocations.role,
    allocations.point_id,
    days.quantity_unit
