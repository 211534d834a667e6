-- Materials whose use or making emits or binds CO2, by organisation and month: made (production.csv), used and not
-- metered (activity.csv), used and metered. What is bound in a product counts with a minus.
with
    amounts as (

        select organization_id, product_id as carrier, month, quantity, unit, 'produced' as side
        from {{ source("accounting", "production") }}
        where {{ only_rebuilt_months("month") }}

        union all

        select organization_id, item as carrier, month, quantity, unit, 'consumed' as side
        from {{ source("accounting", "activity") }}
        where {{ only_rebuilt_months("month") }}

        union all

        select organization_id, carrier, month, quantity, quantity_unit as unit, 'consumed' as side
        from {{ ref("int_carbon__metered_activity") }}
        where role in ('purchase', 'internal_purchase', 'end_use')

    ),

    carriers as (

        select
            carrier,
            guide_group,
            unit,
            process_key,
            process_side,
            case when process_side = 'sequestered' then -1 else 1 end as direction
        from {{ source("factors", "carriers") }}

    )

select
    amounts.organization_id,
    amounts.carrier,
    amounts.month,
    carriers.process_key,
    carriers.process_side,
    carriers.unit as activity_unit,
    cast(sum({{ product("amounts.quantity * carriers.direction", 6, "conversion.factor", 9, 6) }}) as decimal(18, 6)) as activity
from amounts
inner join
    carriers
    on amounts.carrier = carriers.carrier
    and carriers.guide_group = 'material'
    and amounts.side = case when carriers.process_side = 'sequestered' then 'produced' else carriers.process_side end
inner join
    {{ source("factors", "unit_conversions") }} as conversion
    on amounts.unit = conversion.from_unit
    and carriers.unit = conversion.to_unit
where carriers.process_key is not null
group by amounts.organization_id, amounts.carrier, amounts.month, carriers.process_key, carriers.process_side, carriers.unit
