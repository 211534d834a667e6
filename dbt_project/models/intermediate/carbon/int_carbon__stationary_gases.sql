-- CH4 and N2O of burning in boilers and furnaces, from the heat of the fuel: GJ x factor. They belong to the location and
-- market accounts; the guidelines' statutory account of combustion is CO2 alone. Biomass counts here, its CO2 does not.
-- Clause: ndrc_24_guides.non_co2
with
    heat as (

        select
            activity.month,
            activity.organization_id,
            activity.is_internal,
            activity.carrier,
            carriers.nonco2_key,
            cast(sum(activity.energy_gj * activity.sign) as decimal(18, 6)) as activity,
            sum(case when activity.sign = 1 then activity.quantity else 0 end) as gained,
            max(activity.estimated_ratio) as estimated_ratio
        from {{ ref("int_carbon__metered_activity") }} as activity
        inner join {{ source("factors", "carriers") }} as carriers on activity.carrier = carriers.carrier
        where
            activity.use_type = 'fuel'
            and activity.role in ('purchase', 'internal_purchase', 'own_generation', 'end_use', 'sale', 'internal_sale')
            and carriers.nonco2_key is not null
        group by activity.month, activity.organization_id, activity.is_internal, activity.carrier, carriers.nonco2_key

    )

select
    heat.month,
    heat.organization_id,
    heat.is_internal,
    'combustion' as source_category,
    1 as scope,
    'all' as basis,
    factor.gas,
    heat.carrier,
    'combustion/' || factor.fuel_key as method_term,
    heat.activity,
    'GJ' as activity_unit,
    factor.factor_id,
    cast(factor.factor as decimal(18, 12)) as factor,
    factor.factor_unit,
    cast(0.000001 as decimal(7, 6)) as tonnes_per_factor_mass,
    factor.factor_set,
    'default' as factor_rule,
    factor.confidence as factor_confidence,
    false as factor_is_fallback,
    'ndrc_24_guides.non_co2' as method_clause,
    false as is_biogenic,
    case when heat.activity is null then 'no_heat_value' end as null_reason,
    heat.estimated_ratio
from heat
inner join
    {{ source("factors", "factor_fuel") }} as factor
    on heat.nonco2_key = factor.fuel_key
    and factor.gas in ('CH4', 'N2O')
    and factor.variant is null
where heat.gained > 0
