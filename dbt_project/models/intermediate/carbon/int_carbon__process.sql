-- Emissions of industrial processes and what is taken off them: for each method of the organisation's guideline the sum
-- of its terms, sign x activity x factor; the formulas are rows of factors/tables/method_terms.csv. A parameter that is
-- neither measured nor printed leaves the term without a number, a reduction that was not measured is not made.
-- Clause: mee.clinker, mee.clinker_replaced_raw_materials, mee.steel_flux, mee.steel_electrode, mee.steel_carbon_inputs
-- Clause: mee.steel_bound, mee.aluminium_anode, mee.aluminium_pfc, gbt_32150.recovered
-- Clause: gbt_32151.clinker_composition, gbt_32151.steel_bound, gbt_32151.aluminium_anode, gbt_32151.aluminium_pfc
-- Clause: gbt_32151.sf6, gbt_32151.carbon_material_calcination, gbt_32151.carbon_material_baking
-- Clause: gbt_32151.carbon_material_graphitisation, gbt_32151.carbon_material_fume
-- Clause: ndrc_24_guides.carbonates, ndrc_24_guides.desulphurisation, ndrc_24_guides.ceramics
-- Clause: ndrc_24_guides.glass_carbon_powder, ndrc_24_guides.acid_n2o, ndrc_24_guides.hcfc22_hfc23
-- Clause: ndrc_24_guides.catalyst_burn_off, ndrc_24_guides.flare, ndrc_24_guides.ethylene_glycol
-- Clause: ndrc_24_guides.oxidised_asphalt, ndrc_24_guides.ch4_recovered, ndrc_24_guides.magnesium_ferrosilicon
-- Clause: ndrc_24_guides.coal_mining_ch4, ndrc_24_guides.oil_gas_ch4, ndrc_24_guides.wastewater_ch4
-- Clause: ndrc_24_guides.vehicles
with
    accounts as (

        select 'all' as basis
        union all
        select 'statutory' as basis

    ),

    methods as (

        select distinct emitters.organization_id, items.method
        from {{ ref("int_carbon__organization") }} as emitters
        inner join {{ source("factors", "guideline_items") }} as items on emitters.guideline = items.guideline
        where items.method is not null

    ),

    terms as (

        select
            activity.month,
            activity.organization_id,
            terms.source_category,
            terms.gas,
            activity.item as carrier,
            terms.term_id as method_term,
            cast(activity.activity * terms.sign as decimal(18, 6)) as activity,
            activity.activity_unit,
            factor.factor_id,
            case
                when activity.fault is not null
                then null
                when parameters.term_id is null
                then {{ divide_decimal("terms.numerator", "terms.denominator", 12) }}
                else factor.factor
            end as factor,
            factor.factor_set,
            coalesce(factor.factor_rule, 'default') as factor_rule,
            coalesce(factor.factor_confidence, terms.confidence) as factor_confidence,
            terms.clause as method_clause,
            activity.fault,
            terms.is_optional
        from {{ ref("int_carbon__material_activity") }} as activity
        inner join {{ source("factors", "method_terms") }} as terms on activity.item = terms.item and activity.side = terms.side
        inner join methods on activity.organization_id = methods.organization_id and terms.method = methods.method
        left join
            {{ ref("int_carbon__method_factor") }} as factor
            on activity.organization_id = factor.organization_id
            and activity.month = factor.month
            and terms.term_id = factor.term_id
        left join
            (select distinct term_id from {{ source("factors", "method_parameters") }}) as parameters
            on terms.term_id = parameters.term_id

    ),

    -- what was bought or made, so that it can have been sold
    had as (

        select distinct month, organization_id, item
        from {{ ref("int_carbon__material_activity") }}
        where side in ('produced', 'consumed', 'feedstock')

        union

        select distinct month, organization_id, carrier as item
        from {{ ref("int_carbon__metered_activity") }}
        where sign = 1

    ),

    -- what activity.csv tells and no method of the guideline can take, and what was sold and never made
    strays as (

        select
            activity.month,
            activity.organization_id,
            activity.item,
            activity.activity_unit,
            coalesce(activity.fault, case when activity.side = 'sold' then 'sold_not_made' end) as fault,
            cast(
                sum(case when activity.side = 'sold' then - activity.activity else activity.activity end) as decimal(18, 6)
            ) as activity
        from {{ ref("int_carbon__material_activity") }} as activity
        left join
            (select distinct organization_id, carrier from terms) as counted
            on activity.organization_id = counted.organization_id
            and activity.item = counted.carrier
        left join
            (select distinct organization_id, month, carrier from {{ ref("int_carbon__own") }}) as own
            on activity.fault is null
            and activity.organization_id = own.organization_id
            and activity.month = own.month
            and activity.item = own.carrier
        left join
            had
            on activity.side = 'sold'
            and activity.month = had.month
            and activity.organization_id = had.organization_id
            and activity.item = had.item
        where
            (activity.side = 'sold' and had.item is null)
            or (
                counted.carrier is null
                and own.carrier is null
                and activity.side in ('consumed', 'discarded')
                and (activity.kind is null or activity.kind = 'item')
            )
        group by
            activity.month,
            activity.organization_id,
            activity.item,
            activity.activity_unit,
            coalesce(activity.fault, case when activity.side = 'sold' then 'sold_not_made' end)

    ),

    lines as (

        select
            month,
            organization_id,
            source_category,
            gas,
            carrier,
            method_term,
            activity,
            activity_unit,
            factor_id,
            factor,
            factor_set,
            factor_rule,
            factor_confidence,
            method_clause,
            case when fault is not null then fault when factor is null then 'needs_measurement' end as null_reason
        from terms
        where factor is not null or fault is not null or not is_optional

        union all

        select
            month,
            organization_id,
            'process' as source_category,
            'CO2' as gas,
            item as carrier,
            item as method_term,
            activity,
            activity_unit,
            cast(null as string) as factor_id,
            cast(null as decimal(18, 12)) as factor,
            cast(null as string) as factor_set,
            cast(null as string) as factor_rule,
            cast(null as string) as factor_confidence,
            'gbt_32150.total' as method_clause,
            coalesce(fault, 'no_method_in_guideline') as null_reason
        from strays

    )

select
    lines.month,
    lines.organization_id,
    false as is_internal,
    lines.source_category,
    1 as scope,
    accounts.basis,
    lines.gas,
    lines.carrier,
    lines.method_term,
    lines.activity,
    lines.activity_unit,
    lines.factor_id,
    cast(lines.factor as decimal(18, 12)) as factor,
    't' || lines.gas || '/' || lines.activity_unit as factor_unit,
    cast(1 as decimal(7, 6)) as tonnes_per_factor_mass,
    lines.factor_set,
    lines.factor_rule,
    lines.factor_confidence,
    false as factor_is_fallback,
    lines.method_clause,
    false as is_biogenic,
    lines.null_reason,
    cast(null as decimal(9, 6)) as estimated_ratio
from lines
cross join accounts
