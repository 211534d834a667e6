{{ config(partition_by="month", order_by=["month", "organization_id", "basis", "source_category", "carrier"]) }}
-- Emissions of each organisation by source, gas, item and account: mass of the gas = activity x factor (a factor in kg
-- per unit divided by 1,000), CO2 equivalent = mass x warming potential. The total of account b is the rows of `all` and
-- of b; `statutory` is complete by itself; `biogenic` is shown apart, in no total. What is sold, recovered or bound in
-- products has a negative activity. Without a factor the number is NULL, never zero.
-- Clause: gbt_32150.total
with
    valued as (

        select
            rolled_up.*,
            'carbon.emissions_monthly/'
            || cast(rolled_up.month as string)
            || '/'
            || rolled_up.organization_id
            || '/'
            || rolled_up.basis
            || '/'
            || rolled_up.source_category
            || '/'
            || rolled_up.carrier
            || '/'
            || lower(rolled_up.gas)
            || '/'
            || coalesce(rolled_up.factor_id, 'none')
            || '/'
            || rolled_up.method_term
            || '/'
            || coalesce(cast(rolled_up.factor as string), 'none')
            || '/'
            || coalesce(rolled_up.null_reason, rolled_up.factor_rule, 'none')
            || '/'
            || coalesce(rolled_up.activity_unit, 'none')
            || case when rolled_up.is_internal then '/internal' else '' end as lineage_id
        from {{ ref("int_carbon__rolled_up") }} as rolled_up

    )

select
    cast(valued.month as date) as month,
    cast(valued.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(roots.energy_unit_id as string) as energy_unit_id,
    cast(valued.source_category as string) as source_category,
    cast({{ emission_word("valued.source_category", "zh") }} as string) as source_category_name_zh,
    cast({{ emission_word("valued.source_category", "en") }} as string) as source_category_name_en,
    cast(valued.scope as integer) as scope,
    cast(valued.gas as string) as gas,
    cast(valued.carrier as string) as carrier,
    cast(items.name_zh as string) as carrier_name_zh,
    cast(items.name_en as string) as carrier_name_en,
    cast(carriers.carrier_group as string) as carrier_group,
    cast(carriers.carrier_group_name_zh as string) as carrier_group_name_zh,
    cast(carriers.carrier_group_name_en as string) as carrier_group_name_en,
    cast(valued.activity as decimal(18, 6)) as activity,
    cast(valued.activity_unit as string) as activity_unit,
    cast(valued.factor_id as string) as factor_id,
    cast(valued.factor as decimal(18, 12)) as factor,
    cast(valued.factor_unit as string) as factor_unit,
    cast(valued.factor_set as string) as factor_set,
    cast(valued.factor_rule as string) as factor_rule,
    cast(valued.factor_confidence as string) as factor_confidence,
    cast(valued.factor_is_fallback as boolean) as factor_is_fallback,
    cast(valued.method_clause as string) as method_clause,
    cast(valued.method_term as string) as method_term,
    cast(valued.emissions_t as decimal(18, 6)) as emissions_t,
    cast(case when valued.gas = 'CO2' then valued.emissions_t end as decimal(18, 6)) as emissions_tco2,
    cast(valued.gwp_set as string) as gwp_set,
    cast(valued.gwp as decimal(18, 6)) as gwp,
    cast(valued.emissions_tco2e as decimal(18, 6)) as emissions_tco2e,
    cast(valued.basis as string) as basis,
    cast(valued.is_biogenic as boolean) as is_biogenic,
    cast(valued.is_internal as boolean) as is_internal,
    cast(valued.largest_estimated_ratio as decimal(9, 6)) as largest_estimated_ratio,
    cast(valued.null_reason as string) as null_reason,
    cast({{ emission_word("valued.null_reason", "zh") }} as string) as null_reason_name_zh,
    cast({{ emission_word("valued.null_reason", "en") }} as string) as null_reason_name_en,
    cast(valued.lineage_id as string) as lineage_id
from valued
inner join {{ ref("stg_site__organization") }} as organizations on valued.organization_id = organizations.organization_id
inner join {{ ref("stg_site__energy_unit") }} as roots on valued.organization_id = roots.organization_id and roots.is_root
left join {{ source("factors", "carriers") }} as carriers on valued.carrier = carriers.carrier
left join {{ ref("int_carbon__item") }} as items on valued.carrier = items.item
