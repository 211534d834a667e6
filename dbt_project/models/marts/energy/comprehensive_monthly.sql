{{ config(order_by=["organization_id", "month"]) }}
-- Comprehensive energy consumption of each organisation and month, in both conventions: that of its root unit. A park
-- counts internal transfers not at all, so every joule once.
-- Clause: gbt_2589.comprehensive_energy, gbt_2589.feedstock, gbt_2589.energy_consumed_media
with
    comprehensive as (

        select totals.*
        from {{ ref("comprehensive_units_monthly") }} as totals
        inner join {{ ref("stg_site__energy_unit") }} as units on totals.energy_unit_id = units.energy_unit_id and units.is_root

    )

select
    cast(this_year.organization_id as string) as organization_id,
    cast(this_year.organization_name_zh as string) as organization_name_zh,
    cast(this_year.organization_name_en as string) as organization_name_en,
    cast(this_year.organization_level as integer) as organization_level,
    cast(this_year.month as date) as month,
    {%- for measure in ["input", "output", "feedstock", "renewable", "comprehensive_energy"] %}
        {%- for convention in ["calorific", "equivalent"] %}
            cast(this_year.{{ measure }}_tce_{{ convention }} as decimal(18, 6)) as {{ measure }}_tce_{{ convention }},
        {%- endfor %}
    {%- endfor %}
    {%- for convention in ["calorific", "equivalent"] %}
        cast(
            last_year.comprehensive_energy_tce_{{ convention }} as decimal(18, 6)
        ) as comprehensive_energy_previous_year_tce_{{ convention }},
    {%- endfor %}
    {%- for convention in ["calorific", "equivalent"] %}
        cast(this_year.recalled_tce_{{ convention }} as decimal(18, 6)) as recalled_tce_{{ convention }},
        cast(this_year.{{ convention }}_confidence as string) as {{ convention }}_confidence,
    {%- endfor %}
    cast(this_year.cost_cny as decimal(18, 6)) as cost_cny,
    cast(this_year.estimated_ratio as decimal(9, 6)) as estimated_ratio,
    cast(this_year.without_coefficient_count as integer) as without_coefficient_count
from comprehensive as this_year
left join
    comprehensive as last_year
    on this_year.organization_id = last_year.organization_id
    and {{ year_before("this_year.month") }} = last_year.month
