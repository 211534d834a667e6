{{ config(partition_by="month", order_by=["month", "point_id", "local_date"]) }}
-- Expected against received intervals of each point and local day, with the energy that hangs on the rest and
-- the point's place among the points of that day by it.
select
    cast(days.point_id as string) as point_id,
    cast(days.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(days.local_date as date) as local_date,
    cast(days.quantity as decimal(18, 6)) as quantity,
    cast(days.quantity_unit as string) as quantity_unit,
    cast(days.estimated_quantity as decimal(18, 6)) as estimated_quantity,
    cast(rank() over (partition by days.local_date order by coalesce(days.energy_at_stake_gj, 0) desc) as integer) as stake_rank,
    {{ completeness_columns() }}
from {{ ref("int_quality__point_day") }} as days
inner join {{ ref("stg_site__organization") }} as organizations on days.organization_id = organizations.organization_id
