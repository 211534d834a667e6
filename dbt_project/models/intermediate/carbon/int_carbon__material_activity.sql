-- What was made (production.csv), used, sold or thrown away (activity.csv, used by stock.csv: opening + purchased - sold -
-- closing, used and sold metered) by organisation and month, in the unit of the item. An unknown item, a unit of another
-- dimension and a negative amount keep their row and say so.
with
    amounts as (

        select organization_id, product_id as item, month, quantity, unit, 'produced' as side
        from {{ source("accounting", "production") }}
        where {{ only_rebuilt_months("month") }}

        union all

        select
            organization_id,
            item,
            month,
            quantity,
            unit,
            case when purpose in ('discarded', 'feedstock', 'sold') then purpose else 'consumed' end as side
        from {{ source("accounting", "activity") }}
        where {{ only_rebuilt_months("month") }}

        union all

        select
            organization_id,
            item,
            month,
            cast(opening + purchased - sold - closing as decimal(18, 6)) as quantity,
            unit,
            'consumed'
        from {{ source("accounting", "stock") }}
        where {{ only_rebuilt_months("month") }}

        union all

        select organization_id, carrier as item, month, quantity, quantity_unit as unit, 'consumed' as side
        from {{ ref("int_carbon__metered_activity") }}
        where role in ('purchase', 'internal_purchase', 'end_use') and use_type <> 'feedstock'

        union all

        select
            activity.organization_id, activity.carrier as item, activity.month, activity.quantity, activity.quantity_unit, 'sold'
        from {{ ref("int_carbon__metered_activity") }} as activity
        inner join {{ source("factors", "carriers") }} as carriers on activity.carrier = carriers.carrier
        where activity.sign = -1 and carriers.family not in ('electricity', 'heat')

    ),

    judged as (

        select
            amounts.organization_id,
            amounts.item,
            amounts.month,
            amounts.side,
            items.kind,
            case
                when items.item is null or conversion.factor is null or amounts.quantity < 0 then amounts.unit else items.unit
            end as activity_unit,
            case
                when items.item is null
                then 'unknown_item'
                when conversion.factor is null
                then 'unit_of_other_dimension'
                when amounts.quantity < 0
                then 'negative_activity'
            end as fault,
            case
                when conversion.factor is null or conversion.factor = 1
                then cast(amounts.quantity as decimal(18, 6))
                else {{ product("amounts.quantity", 6, "conversion.factor", 9, 6) }}
            end as amount
        from amounts
        left join {{ ref("int_carbon__item") }} as items on amounts.item = items.item
        left join
            {{ source("factors", "unit_conversions") }} as conversion
            on amounts.unit = conversion.from_unit
            and items.unit = conversion.to_unit

    )

select organization_id, item, month, side, kind, activity_unit, fault, cast(sum(amount) as decimal(18, 6)) as activity
from judged
group by organization_id, item, month, side, kind, activity_unit, fault
