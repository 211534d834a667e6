-- Process emissions: activity x factor of the material. Clinker: tonnes x 0.535 and the like, whose factor holds the
-- limestone of the raw meal, so carbonates count apart only where the guideline is that of steel. Steel: fluxes,
-- electrodes, bought iron and alloys in; carbon in crude steel out. Feedstock is shown without a number: its carbon
-- balance is not implemented.
-- Clause: mee.clinker, mee.steel_carbon_inputs, mee.steel_bound
with
    accounts as (

        select 'all' as basis
        union all
        select 'statutory' as basis

    ),

    materials as (

        select
            activity.month,
            activity.organization_id,
            case when activity.process_side = 'sequestered' then 'sequestered' else 'process' end as source_category,
            activity.carrier,
            activity.activity,
            activity.activity_unit,
            factor.factor_id,
            cast(factor.factor as decimal(18, 12)) as factor,
            factor.factor_unit,
            factor.category as factor_set,
            factor.confidence as factor_confidence,
            case
                factor.category
                when 'process_cement_clinker'
                then 'mee.clinker'
                when 'sequestration_steel'
                then 'mee.steel_bound'
                else 'mee.steel_carbon_inputs'
            end as method_clause
        from {{ ref("int_carbon__material_activity") }} as activity
        inner join {{ ref("int_carbon__organization") }} as emitters on activity.organization_id = emitters.organization_id
        inner join
            {{ source("factors", "factor_heat_process") }} as factor
            on activity.process_key = factor.factor_key
            and (
                factor.category = 'process_cement_clinker'
                or (factor.category in ('process_steel_input', 'sequestration_steel') and emitters.sector_key = 'steel')
            )

    ),

    feedstock as (

        select
            month,
            organization_id,
            is_internal,
            carrier,
            quantity_unit as activity_unit,
            cast(sum(quantity * sign) as decimal(18, 6)) as activity,
            max(estimated_ratio) as estimated_ratio
        from {{ ref("int_carbon__metered_activity") }}
        where use_type = 'feedstock'
        group by month, organization_id, is_internal, carrier, quantity_unit

    )

select
    materials.month,
    materials.organization_id,
    false as is_internal,
    materials.source_category,
    1 as scope,
    accounts.basis,
    materials.carrier,
    materials.activity,
    materials.activity_unit,
    materials.factor_id,
    materials.factor,
    materials.factor_unit,
    cast(1 as decimal(4, 3)) as tonnes_per_factor_mass,
    materials.factor_set,
    'default' as factor_rule,
    materials.factor_confidence,
    materials.method_clause,
    false as is_biogenic,
    cast(null as string) as null_reason,
    cast(null as decimal(9, 6)) as estimated_ratio
from materials
cross join accounts

union all

select
    feedstock.month,
    feedstock.organization_id,
    feedstock.is_internal,
    'process' as source_category,
    1 as scope,
    accounts.basis,
    feedstock.carrier,
    feedstock.activity,
    feedstock.activity_unit,
    cast(null as string) as factor_id,
    cast(null as decimal(18, 12)) as factor,
    cast(null as string) as factor_unit,
    cast(1 as decimal(4, 3)) as tonnes_per_factor_mass,
    cast(null as string) as factor_set,
    cast(null as string) as factor_rule,
    cast(null as string) as factor_confidence,
    'ndrc_24_guides.feedstock_balance' as method_clause,
    false as is_biogenic,
    'not_implemented' as null_reason,
    feedstock.estimated_ratio
from feedstock
cross join accounts
