{{ config(partition_by="month", order_by=["month", "organization_id", "local_date"]) }}
-- Expected against received intervals of each organisation and local day; a park is all its members.
with
    days as (

        select
            above.ancestor_id as organization_id,
            points.local_date,
            points.month,
            sum(points.expected) as expected,
            sum(points.missing_count) as missing_count,
            sum(points.estimated_count) as estimated_count,
            sum(points.energy_at_stake_gj) as energy_at_stake_gj
        from {{ ref("int_quality__point_day") }} as points
        inner join {{ ref("stg_site__organization_closure") }} as above on points.organization_id = above.descendant_id
        group by above.ancestor_id, points.local_date, points.month

    )

select
    cast(days.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(days.local_date as date) as local_date,
    {{ completeness_columns() }}
from days
inner join {{ ref("stg_site__organization") }} as organizations on days.organization_id = organizations.organization_id
