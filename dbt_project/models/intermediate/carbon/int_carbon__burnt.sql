-- Fuel burnt: bought + made - sold again, of what is used as fuel, in the carrier's unit. A fuel that is only sold is a
-- product, not burnt here. A unit of another dimension than the carrier's keeps its row and says so.
with
    flows as (

        select
            month,
            organization_id,
            carrier,
            is_internal,
            quantity_unit,
            cast(sum(quantity * sign) as decimal(18, 6)) as quantity,
            sum(case when sign = 1 then quantity else 0 end) as gained,
            max(estimated_ratio) as estimated_ratio
        from {{ ref("int_carbon__metered_activity") }}
        where
            use_type = 'fuel' and role in ('purchase', 'internal_purchase', 'own_generation', 'end_use', 'sale', 'internal_sale')
        group by month, organization_id, carrier, is_internal, quantity_unit

    ),

    burnt as (

        select flows.*
        from flows
        inner join
            (
                select month, organization_id, carrier from flows group by month, organization_id, carrier having sum(gained) > 0
            ) as used
            on flows.month = used.month
            and flows.organization_id = used.organization_id
            and flows.carrier = used.carrier

    ),

    judged as (

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            burnt.is_internal,
            carriers.is_biogenic,
            case
                when conversion.factor is null or conversion.factor = 1
                then burnt.quantity
                else {{ product("burnt.quantity", 6, "conversion.factor", 9, 6) }}
            end as activity,
            case when conversion.factor is null then burnt.quantity_unit else carriers.unit end as activity_unit,
            case when conversion.factor is null then 'unit_of_other_dimension' end as fault,
            burnt.estimated_ratio
        from burnt
        inner join {{ source("factors", "carriers") }} as carriers on burnt.carrier = carriers.carrier
        left join
            {{ source("factors", "unit_conversions") }} as conversion
            on burnt.quantity_unit = conversion.from_unit
            and carriers.unit = conversion.to_unit
        where carriers.guide_group in ('coal', 'coke', 'oil', 'gas', 'new_fuel', 'biomass')

    )

select
    month,
    organization_id,
    carrier,
    is_internal,
    is_biogenic,
    activity_unit,
    fault,
    cast(sum(activity) as decimal(18, 6)) as activity,
    max(estimated_ratio) as estimated_ratio
from judged
group by month, organization_id, carrier, is_internal, is_biogenic, activity_unit, fault
