-- Burning of fuels: activity = bought + made - sold again, of what is used as fuel; emissions = activity x CO2 per
-- unit. A fuel that is only sold is a product, not burnt here. CO2 of biomass is biogenic and not counted; a fuel
-- without carbon has the factor zero. Once for the location and market accounts (basis all), once for the statutory.
-- Clause: ndrc_24_guides.combustion
with
    flows as (

        select
            month,
            organization_id,
            carrier,
            is_internal,
            quantity_unit,
            cast(quantity * sign as decimal(18, 6)) as quantity,
            estimated_ratio,
            sum(case when sign = 1 then quantity else 0 end) over (partition by month, organization_id, carrier) as gained
        from {{ ref("int_carbon__metered_activity") }}
        where
            use_type = 'fuel' and role in ('purchase', 'internal_purchase', 'own_generation', 'end_use', 'sale', 'internal_sale')

    ),

    burnt as (

        select
            month,
            organization_id,
            carrier,
            is_internal,
            quantity_unit,
            cast(sum(quantity) as decimal(18, 6)) as activity,
            max(estimated_ratio) as estimated_ratio
        from flows
        where gained > 0
        group by month, organization_id, carrier, is_internal, quantity_unit

    )

select
    burnt.month,
    burnt.organization_id,
    burnt.is_internal,
    'combustion' as source_category,
    1 as scope,
    chosen.basis,
    burnt.carrier,
    burnt.activity,
    burnt.quantity_unit as activity_unit,
    factor.factor_id,
    factor.factor,
    factor.factor_unit,
    factor.tonnes_per_factor_mass,
    factor.factor_set,
    case when factor.factor_set = 'stoichiometry' then 'definition' else chosen.choice_rule end as factor_rule,
    factor.confidence as factor_confidence,
    'ndrc_24_guides.combustion' as method_clause,
    carriers.is_biogenic,
    case
        when factor.factor is not null
        then null
        when carriers.is_biogenic
        then 'biogenic_not_counted'
        when carriers.carrier = 'raw_coal'
        then 'kind_of_coal_not_named'
        else 'no_factor_in_chosen_set'
    end as null_reason,
    burnt.estimated_ratio
from burnt
inner join {{ source("factors", "carriers") }} as carriers on burnt.carrier = carriers.carrier
inner join
    {{ ref("int_carbon__fuel_set") }} as chosen
    on burnt.month = chosen.month
    and burnt.organization_id = chosen.organization_id
    and burnt.carrier = chosen.carrier
left join
    {{ ref("int_factors__fuel_emission") }} as factor
    on burnt.carrier = factor.carrier
    and (chosen.factor_set = factor.factor_set or factor.factor_set = 'stoichiometry')
where carriers.guide_group in ('coal', 'coke', 'oil', 'gas', 'new_fuel', 'biomass')
