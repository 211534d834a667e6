{{
    config(
        order_by=["month", "organization_id", "part_id"],
        meta={"grain": ["organization_id", "part_id", "month"], "clause": "gbt_2589.coal_equivalent", "bi": true},
    )
}}
-- What makes up an organisation's energy: a park's parts are its member organisations, an enterprise's are the units
-- just below its root. This month beside the same month of last year. Parts need not add up to the whole: members
-- buy from each other, and what is measured at the root only is in no part.
-- Clause: gbt_2589.coal_equivalent
with
    units as (

        select
            organization_id,
            energy_unit_id as part_id,
            'energy_unit' as part_kind,
            energy_unit_name_zh as part_name_zh,
            energy_unit_name_en as part_name_en,
            month,
            energy_tce_calorific,
            energy_tce_equivalent,
            cost_cny
        from {{ ref("consumption_monthly") }}
        where level = organization_level + 1 and is_counted

    ),

    members as (

        select
            above.ancestor_id as organization_id,
            consumption.organization_id as part_id,
            'organization' as part_kind,
            consumption.organization_name_zh as part_name_zh,
            consumption.organization_name_en as part_name_en,
            consumption.month,
            consumption.energy_tce_calorific,
            consumption.energy_tce_equivalent,
            consumption.cost_cny
        from {{ ref("consumption_monthly") }} as consumption
        inner join
            {{ ref("stg_site__organization_closure") }} as above
            on consumption.organization_id = above.descendant_id
            and above.distance = 1
        where consumption.level = consumption.organization_level and consumption.is_counted

    ),

    parts as (

        select *
        from units
        union all
        select *
        from members

    ),

    months as (

        select
            organization_id,
            part_id,
            part_kind,
            part_name_zh,
            part_name_en,
            month,
            extract(year from month) as calendar_year,
            extract(month from month) as calendar_month,
            sum(energy_tce_calorific) as energy_tce_calorific,
            sum(energy_tce_equivalent) as energy_tce_equivalent,
            sum(cost_cny) as cost_cny
        from parts
        group by organization_id, part_id, part_kind, part_name_zh, part_name_en, month

    )

select
    cast(months.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(months.part_kind as string) as part_kind,
    cast(months.part_id as string) as part_id,
    cast(months.part_name_zh as string) as part_name_zh,
    cast(months.part_name_en as string) as part_name_en,
    cast(months.month as date) as month,
    cast(months.energy_tce_calorific as decimal(18, 6)) as energy_tce_calorific,
    cast(months.energy_tce_equivalent as decimal(18, 6)) as energy_tce_equivalent,
    cast(months.cost_cny as decimal(18, 6)) as cost_cny,
    cast(previous.energy_tce_calorific as decimal(18, 6)) as energy_previous_year_tce_calorific,
    cast(previous.energy_tce_equivalent as decimal(18, 6)) as energy_previous_year_tce_equivalent,
    cast(previous.cost_cny as decimal(18, 6)) as previous_year_cost_cny
from months
inner join {{ ref("stg_site__organization") }} as organizations on months.organization_id = organizations.organization_id
left join
    months as previous
    on months.organization_id = previous.organization_id
    and months.part_id = previous.part_id
    and months.calendar_year = previous.calendar_year + 1
    and months.calendar_month = previous.calendar_month
