-- Burning of fuels: emissions = fuel burnt x CO2 per unit. CO2 of biomass is biogenic: where its carbon was measured it
-- is shown in an account of its own (basis biogenic) that no total holds, else without a number. A fuel without carbon
-- has the factor zero. Once for the location and market accounts (basis all), once for the statutory.
-- Clause: ndrc_24_guides.combustion
select
    burnt.month,
    burnt.organization_id,
    burnt.is_internal,
    'combustion' as source_category,
    1 as scope,
    case
        when burnt.is_biogenic and factor.way <> 'default' and factor.factor is not null then 'biogenic' else factor.basis
    end as basis,
    'CO2' as gas,
    burnt.carrier,
    'combustion/' || factor.way as method_term,
    burnt.activity,
    burnt.activity_unit,
    factor.factor_id,
    case when burnt.fault is null then factor.factor end as factor,
    coalesce(factor.factor_unit, 'tCO2/' || burnt.activity_unit) as factor_unit,
    factor.tonnes_per_factor_mass,
    factor.factor_set,
    factor.factor_rule,
    factor.factor_confidence,
    factor.is_fallback as factor_is_fallback,
    'ndrc_24_guides.combustion' as method_clause,
    burnt.is_biogenic,
    case
        when burnt.fault is not null
        then burnt.fault
        when factor.factor is not null
        then null
        when burnt.is_biogenic
        then 'biogenic_not_counted'
        when burnt.carrier = 'raw_coal'
        then 'kind_of_coal_not_named'
        else 'no_factor_in_chosen_set'
    end as null_reason,
    burnt.estimated_ratio
from {{ ref("int_carbon__burnt") }} as burnt
inner join
    {{ ref("int_carbon__fuel_factor") }} as factor
    on burnt.month = factor.month
    and burnt.organization_id = factor.organization_id
    and burnt.carrier = factor.carrier
where not (burnt.is_biogenic and factor.basis = 'statutory' and factor.way <> 'default' and factor.factor is not null)
