-- What a month's energy is divided by: the output of a product, with the energy of the unit that makes it, and the output
-- value and value added of an organisation, with its comprehensive energy. A park's value is that of its members, only
-- where every member told it.
-- Clause: gbt_2589.per_product, gbt_2589.per_output_value, gbt_2589.per_value_added
with
    made as (

        select
            production.organization_id,
            coalesce(production.energy_unit_id, roots.energy_unit_id) as energy_unit_id,
            production.product_id,
            production.month,
            production.unit,
            sum(production.quantity) as quantity
        from {{ source("accounting", "production") }} as production
        inner join
            {{ ref("stg_site__energy_unit") }} as roots on production.organization_id = roots.organization_id and roots.is_root
        group by
            production.organization_id,
            coalesce(production.energy_unit_id, roots.energy_unit_id),
            production.product_id,
            production.month,
            production.unit

    ),

    told as (

        select
            finance.organization_id,
            finance.item,
            finance.month,
            sum({{ product("finance.quantity", 6, "conversion.factor", 9, 6) }}) as quantity
        from {{ source("accounting", "finance") }} as finance
        inner join
            {{ source("factors", "unit_conversions") }} as conversion
            on finance.unit = conversion.from_unit
            and conversion.to_unit = '10kCNY'
        group by finance.organization_id, finance.item, finance.month

    ),

    members as (

        select above.ancestor_id as organization_id, count(*) as member_count
        from {{ ref("int_carbon__organization") }} as emitters
        inner join {{ ref("stg_site__organization_closure") }} as above on emitters.organization_id = above.descendant_id
        group by above.ancestor_id

    ),

    values_of as (

        select
            above.ancestor_id as organization_id,
            told.item,
            told.month,
            cast(sum(told.quantity) as decimal(18, 6)) as quantity,
            count(distinct told.organization_id) as told_count
        from told
        inner join {{ ref("stg_site__organization_closure") }} as above on told.organization_id = above.descendant_id
        group by above.ancestor_id, told.item, told.month

    )

select
    made.organization_id,
    made.energy_unit_id,
    'product' as basis,
    made.product_id,
    made.month,
    cast(made.quantity as decimal(18, 6)) as quantity,
    made.unit as quantity_unit,
    cast(energy.comprehensive_energy_tce_calorific * 1000 as decimal(18, 6)) as energy_calorific,
    cast(energy.comprehensive_energy_tce_equivalent * 1000 as decimal(18, 6)) as energy_equivalent,
    energy.calorific_confidence,
    energy.equivalent_confidence,
    'kgce/' || made.unit as intensity_unit
from made
inner join
    {{ ref("comprehensive_units_monthly") }} as energy
    on made.energy_unit_id = energy.energy_unit_id
    and made.month = energy.month

union all

select
    amounts.organization_id,
    roots.energy_unit_id,
    amounts.item as basis,
    cast(null as string) as product_id,
    amounts.month,
    amounts.quantity,
    '10kCNY' as quantity_unit,
    comprehensive.comprehensive_energy_tce_calorific as energy_calorific,
    comprehensive.comprehensive_energy_tce_equivalent as energy_equivalent,
    comprehensive.calorific_confidence,
    comprehensive.equivalent_confidence,
    'tce/10kCNY' as intensity_unit
from values_of as amounts
inner join members on amounts.organization_id = members.organization_id and amounts.told_count = members.member_count
inner join {{ ref("stg_site__energy_unit") }} as roots on amounts.organization_id = roots.organization_id and roots.is_root
inner join
    {{ ref("comprehensive_units_monthly") }} as comprehensive
    on roots.energy_unit_id = comprehensive.energy_unit_id
    and amounts.month = comprehensive.month
