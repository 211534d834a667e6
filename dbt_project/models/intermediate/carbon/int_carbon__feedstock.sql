-- Carbon balance of what is used as feedstock: carbon in - carbon in the products - carbon thrown away, x 44/12. Only
-- where the organisation's guideline has the balance and feedstock came in; elsewhere feedstock is shown without a
-- number. Carbon content: measured, else that of the chosen factor set, else the guideline's table of products.
-- Clause: ndrc_24_guides.feedstock_balance
with
    accounts as (

        select 'all' as basis
        union all
        select 'statutory' as basis

    ),

    balancing as (

        select distinct emitters.organization_id
        from {{ ref("int_carbon__organization") }} as emitters
        inner join {{ source("factors", "guideline_items") }} as items on emitters.guideline = items.guideline
        where items.method = 'feedstock_balance'

    ),

    inputs as (

        select
            month,
            organization_id,
            is_internal,
            carrier,
            activity_unit,
            fault,
            cast(sum(activity) as decimal(18, 6)) as activity,
            max(estimated_ratio) as estimated_ratio
        from
            (
                select
                    month,
                    organization_id,
                    is_internal,
                    carrier,
                    quantity_unit as activity_unit,
                    cast(null as string) as fault,
                    cast(quantity * sign as decimal(18, 6)) as activity,
                    estimated_ratio
                from {{ ref("int_carbon__metered_activity") }}
                where use_type = 'feedstock'

                union all

                select
                    month,
                    organization_id,
                    false as is_internal,
                    item as carrier,
                    activity_unit,
                    fault,
                    activity,
                    cast(null as decimal(9, 6)) as estimated_ratio
                from {{ ref("int_carbon__material_activity") }}
                where side = 'feedstock'
            ) as told
        group by month, organization_id, is_internal, carrier, activity_unit, fault

    ),

    flows as (

        select inputs.*, 'in' as direction
        from inputs

        union all

        select
            outputs.month,
            outputs.organization_id,
            false as is_internal,
            outputs.item as carrier,
            outputs.activity_unit,
            case when outputs.fault = 'unknown_item' then null else outputs.fault end as fault,
            cast(- outputs.activity as decimal(18, 6)) as activity,
            cast(null as decimal(9, 6)) as estimated_ratio,
            'out' as direction
        from {{ ref("int_carbon__material_activity") }} as outputs
        inner join
            (select distinct month, organization_id from inputs) as fed
            on outputs.month = fed.month
            and outputs.organization_id = fed.organization_id
        inner join balancing on outputs.organization_id = balancing.organization_id
        where outputs.side in ('produced', 'discarded')

    ),

    content as (

        select
            flows.*,
            accounts.basis,
            balancing.organization_id is not null as is_balanced,
            measured.value as measured_tc,
            measured.factor_id as measured_id,
            measured.confidence as measured_confidence,
            content.factor_id,
            content.factor,
            content.factor_unit,
            content.tonnes_per_factor_mass,
            content.factor_set,
            content.confidence,
            chosen.choice_rule,
            chosen.is_fallback,
            row_number() over (
                partition by
                    flows.month,
                    flows.organization_id,
                    flows.is_internal,
                    flows.carrier,
                    flows.direction,
                    flows.activity_unit,
                    flows.fault,
                    accounts.basis
                order by
                    case
                        when content.factor_set = chosen.factor_set then 0 when content.factor_set = 'stoichiometry' then 1 else 2
                    end,
                    content.factor_id
            ) as place
        from flows
        cross join accounts
        left join balancing on flows.organization_id = balancing.organization_id
        left join
            {{ ref("int_carbon__fuel_set") }} as chosen
            on flows.month = chosen.month
            and flows.organization_id = chosen.organization_id
            and flows.carrier = chosen.carrier
            and chosen.basis = accounts.basis
        left join
            {{ ref("int_carbon__carbon_content") }} as content
            on flows.carrier = content.item
            and (
                content.factor_set = chosen.factor_set or content.factor_set in ('NDRC_chemical_product_carbon', 'stoichiometry')
            )
        left join
            {{ ref("int_factors__measured") }} as measured
            on flows.organization_id = measured.organization_id
            and flows.carrier = measured.carrier
            and measured.property = 'carbon_content_tc_per_unit'
            and flows.month >= measured.valid_from
            and flows.month < measured.valid_to

    )

select
    month,
    organization_id,
    is_internal,
    'process' as source_category,
    1 as scope,
    basis,
    'CO2' as gas,
    carrier,
    'feedstock_balance/' || direction as method_term,
    activity,
    activity_unit,
    case when is_balanced then coalesce(measured_id, factor_id) end as factor_id,
    case
        when not is_balanced or fault is not null
        then null
        when measured_tc is not null
        then {{ divide_decimal("measured_tc * 44000000", "cast(12000000 as decimal(18, 6))", 12) }}
        else factor
    end as factor,
    case when measured_tc is not null then 'tCO2/' || activity_unit else factor_unit end as factor_unit,
    coalesce(case when measured_tc is null then tonnes_per_factor_mass end, cast(1 as decimal(7, 6))) as tonnes_per_factor_mass,
    case when measured_tc is null then factor_set else 'measured' end as factor_set,
    case when measured_tc is null then coalesce(choice_rule, 'default') else 'measured' end as factor_rule,
    coalesce(measured_confidence, confidence) as factor_confidence,
    case when measured_tc is null then coalesce(is_fallback, false) else false end as factor_is_fallback,
    'ndrc_24_guides.feedstock_balance' as method_clause,
    false as is_biogenic,
    case
        when fault is not null
        then fault
        when not is_balanced
        then 'no_method_in_guideline'
        when measured_tc is null and factor is null
        then 'needs_measurement'
    end as null_reason,
    estimated_ratio
from content
where place = 1
