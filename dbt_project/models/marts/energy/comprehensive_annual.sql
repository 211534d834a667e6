{{ config(order_by=["organization_id", "year"]) }}
-- Comprehensive energy consumption of each organisation and year: the sum of its months, whose number is told. The year
-- before counts for comparison only where it holds as many months.
-- Clause: gbt_2589.comprehensive_energy
with years as ({{ years_of_comprehensive_energy(ref("comprehensive_monthly"), ["organization_id"]) }})

select
    cast(years.year as integer) as year,
    cast(years.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    {%- for convention in ["calorific", "equivalent"] %}
        cast(
            before.comprehensive_energy_tce_{{ convention }} as decimal(18, 6)
        ) as comprehensive_energy_previous_year_tce_{{ convention }},
    {%- endfor %}
    {{ comprehensive_energy_columns() }}
from years
inner join {{ ref("stg_site__organization") }} as organizations on years.organization_id = organizations.organization_id
left join
    years as before
    on years.organization_id = before.organization_id
    and years.year - 1 = before.year
    and years.months_count = before.months_count
