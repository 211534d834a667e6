{{ config(partition_by="month", order_by=["month", "organization_id", "basis", "source_category", "carrier"]) }}
-- CO2 of each organisation by source, carrier and account: emissions = activity x factor (a factor in kg per unit
-- divided by 1,000). The total of account b is the rows of `all` and of b; `statutory` is complete by itself.
-- What is sold or bound in products has a negative activity. Without a factor the number is NULL, never zero.
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
            || '/co2/'
            || coalesce(rolled_up.factor_id, 'none') as lineage_id
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
    cast('CO2' as string) as gas,
    cast(valued.carrier as string) as carrier,
    cast(carriers.name_zh as string) as carrier_name_zh,
    cast(carriers.name_en as string) as carrier_name_en,
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
    cast(valued.method_clause as string) as method_clause,
    cast(valued.emissions_tco2 as decimal(18, 6)) as emissions_tco2,
    cast(valued.emissions_tco2 as decimal(18, 6)) as emissions_tco2e,
    cast(valued.basis as string) as basis,
    cast(valued.is_biogenic as boolean) as is_biogenic,
    cast(valued.largest_estimated_ratio as decimal(9, 6)) as largest_estimated_ratio,
    cast(valued.null_reason as string) as null_reason,
    cast({{ emission_word("valued.null_reason", "zh") }} as string) as null_reason_name_zh,
    cast({{ emission_word("valued.null_reason", "en") }} as string) as null_reason_name_en,
    cast(valued.lineage_id as string) as lineage_id
from valued
inner join {{ ref("stg_site__organization") }} as organizations on valued.organization_id = organizations.organization_id
inner join {{ ref("stg_site__energy_unit") }} as roots on valued.organization_id = roots.organization_id and roots.is_root
left join {{ source("factors", "carriers") }} as carriers on valued.carrier = carriers.carrier
