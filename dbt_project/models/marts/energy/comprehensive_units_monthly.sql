{{ config(order_by=["organization_id", "energy_unit_id", "month"]) }}
-- Comprehensive energy consumption of each energy-using unit and month, in both conventions: input (bought, bought
-- inside the park, made on site from sun and wind, or used where the unit has no bill of its own) - output (sold to the
-- outside or inside the park). What is converted or recovered inside the unit is not counted again. Feedstock and
-- renewables are parts of the input, shown apart. Children are in their parent: never sum over levels. What rests on a
-- recalled coefficient is told apart, also where two of them held in the month and one is recalled.
-- Clause: gbt_2589.comprehensive_energy, gbt_2589.feedstock, gbt_2589.energy_consumed_media
with
    coefficients as (

        select
            used.carrier,
            used.month,
            max(case when factors.confidence = 'recalled' then 1 else 0 end) = 1 as calorific_is_recalled,
            max(case when factors.equivalent_confidence = 'recalled' then 1 else 0 end) = 1 as equivalent_is_recalled
        from (select distinct carrier, month from {{ ref("consumption_monthly") }}) as used
        inner join
            {{ ref("int_factors__coal_equivalent") }} as factors
            on used.carrier = factors.carrier
            and factors.valid_from < cast(used.month + interval '1' month as date)
            and used.month < factors.valid_to
        group by used.carrier, used.month

    ),

    rows_of_unit as (

        select
            consumption.organization_id,
            consumption.energy_unit_id,
            consumption.month,
            consumption.is_counted,
            consumption.role in ('sale', 'internal_sale') as is_output,
            consumption.use_type,
            carriers.origin = 'renewable' as is_renewable,
            consumption.quantity,
            consumption.energy_tce_calorific,
            consumption.energy_tce_equivalent,
            coefficients.calorific_is_recalled,
            coefficients.equivalent_is_recalled,
            consumption.cost_cny,
            consumption.estimated_ratio
        from {{ ref("consumption_monthly") }} as consumption
        inner join
            {{ source("factors", "carriers") }} as carriers
            on consumption.carrier = carriers.carrier
            and carriers.guide_group <> 'material'
        left join coefficients on consumption.carrier = coefficients.carrier and consumption.month = coefficients.month

    ),

    sums as (

        select
            organization_id,
            energy_unit_id,
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
                sum(
                    case
                        when (is_counted or is_output) and {{ convention }}_is_recalled
                        then abs(energy_tce_{{ convention }})
                        else 0
                    end
                ) as recalled_tce_{{ convention }},
            {%- endfor %}
            sum(case when is_counted then cost_cny end) as cost_cny,
            sum(
                case when is_counted then cast(energy_tce_calorific * estimated_ratio as decimal(24, 6)) else 0 end
            ) as estimated_tce_calorific,
            sum(
                case when (is_counted or is_output) and quantity <> 0 and energy_tce_calorific is null then 1 else 0 end
            ) as without_coefficient_count
        from rows_of_unit
        group by organization_id, energy_unit_id, month

    )

select
    cast(sums.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(sums.energy_unit_id as string) as energy_unit_id,
    cast(units.name_zh as string) as energy_unit_name_zh,
    cast(units.name_en as string) as energy_unit_name_en,
    cast(units.level as integer) as level,
    cast(sums.month as date) as month,
    {%- for measure in ["input", "output", "feedstock", "renewable"] %}
        {%- for convention in ["calorific", "equivalent"] %}
            cast(sums.{{ measure }}_tce_{{ convention }} as decimal(18, 6)) as {{ measure }}_tce_{{ convention }},
        {%- endfor %}
    {%- endfor %}
    {%- for convention in ["calorific", "equivalent"] %}
        cast(
            sums.input_tce_{{ convention }} - sums.output_tce_{{ convention }} as decimal(18, 6)
        ) as comprehensive_energy_tce_{{ convention }},
    {%- endfor %}
    {%- for convention in ["calorific", "equivalent"] %}
        cast(sums.recalled_tce_{{ convention }} as decimal(18, 6)) as recalled_tce_{{ convention }},
        cast(
            {{ confidence_of("sums.recalled_tce_" ~ convention, "sums.input_tce_" ~ convention) }} as string
        ) as {{ convention }}_confidence,
    {%- endfor %}
    cast(sums.cost_cny as decimal(18, 6)) as cost_cny,
    cast({{ divide_decimal("sums.estimated_tce_calorific", "sums.input_tce_calorific") }} as decimal(9, 6)) as estimated_ratio,
    cast(sums.without_coefficient_count as integer) as without_coefficient_count
from sums
inner join {{ ref("stg_site__organization") }} as organizations on sums.organization_id = organizations.organization_id
inner join {{ ref("stg_site__energy_unit") }} as units on sums.energy_unit_id = units.energy_unit_id
