{{ config(order_by=["organization_id", "month"]) }}
-- Comprehensive energy consumption of each organisation and month, in both conventions: input (bought, bought inside
-- the park, made on site from sun and wind) - output (sold to the outside or inside the park). What is converted or
-- recovered inside is not counted again. Feedstock and renewables are parts of the input, shown apart. A park counts
-- internal transfers not at all, so every joule once.
-- Clause: gbt_2589.comprehensive_energy, gbt_2589.feedstock, gbt_2589.energy_consumed_media
with
    rows_of_root as (

        select
            consumption.organization_id,
            consumption.month,
            consumption.is_counted,
            consumption.role in ('sale', 'internal_sale') as is_output,
            consumption.use_type,
            carriers.origin = 'renewable' as is_renewable,
            consumption.quantity,
            consumption.energy_tce_calorific,
            consumption.energy_tce_equivalent,
            consumption.cost_cny,
            consumption.estimated_ratio
        from {{ ref("consumption_monthly") }} as consumption
        inner join
            {{ ref("stg_site__energy_unit") }} as units on consumption.energy_unit_id = units.energy_unit_id and units.is_root
        inner join
            {{ source("factors", "carriers") }} as carriers
            on consumption.carrier = carriers.carrier
            and carriers.guide_group <> 'material'

    ),

    sums as (

        select
            organization_id,
            month,
            {%- for convention in ["calorific", "equivalent"] %}
                sum(case when is_counted then energy_tce_{{ convention }} else 0 end) as input_tce_{{ convention }},
                sum(case when is_output then energy_tce_{{ convention }} else 0 end) as output_tce_{{ convention }},
                sum(
                    case when is_counted and use_type <> 'fuel' then energy_tce_{{ convention }} else 0 end
                ) as feedstock_tce_{{ convention }},
                sum(
                    case when is_counted and is_renewable then energy_tce_{{ convention }} else 0 end
                ) as renewable_tce_{{ convention }},
            {%- endfor %}
            sum(case when is_counted then cost_cny end) as cost_cny,
            sum(
                case when is_counted then cast(energy_tce_calorific * estimated_ratio as decimal(24, 6)) else 0 end
            ) as estimated_tce_calorific,
            sum(
                case when (is_counted or is_output) and quantity <> 0 and energy_tce_calorific is null then 1 else 0 end
            ) as without_coefficient_count
        from rows_of_root
        group by organization_id, month

    ),

    comprehensive as (

        select
            *,
            input_tce_calorific - output_tce_calorific as comprehensive_energy_tce_calorific,
            input_tce_equivalent - output_tce_equivalent as comprehensive_energy_tce_equivalent
        from sums

    )

select
    cast(this_year.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
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
    cast(this_year.cost_cny as decimal(18, 6)) as cost_cny,
    cast(
        {{ divide_decimal("this_year.estimated_tce_calorific", "this_year.input_tce_calorific") }} as decimal(9, 6)
    ) as estimated_ratio,
    cast(this_year.without_coefficient_count as integer) as without_coefficient_count
from comprehensive as this_year
inner join {{ ref("stg_site__organization") }} as organizations on this_year.organization_id = organizations.organization_id
left join
    comprehensive as last_year
    on this_year.organization_id = last_year.organization_id
    and {{ year_before("this_year.month") }} = last_year.month
