{{ config(materialized="table") }}
-- Amounts of exchanges that a meter or a book tells, by month, in the unit of the exchange. A metered amount is that of
-- the unit with all below it; the heat of a fuel stands in for its mass where the exchange is told in energy; `quantity`
-- says what one metered unit comes to. No row at all is no amount, and a NULL stays one.
-- Clause: gbt_24067.footprint
with
    told as (

        select
            exchanges.exchange_id,
            consumption.month,
            case when exchanges.roles like '%;-' || consumption.role || ';%' then -1 else 1 end as sign,
            consumption.quantity,
            consumption.quantity_unit as unit,
            consumption.energy_gj,
            consumption.estimated_ratio
        from {{ ref("stg_site__exchange") }} as exchanges
        inner join
            {{ ref("consumption_monthly") }} as consumption
            on exchanges.energy_unit_id = consumption.energy_unit_id
            and exchanges.carrier = consumption.carrier
            and (exchanges.use_type is null or exchanges.use_type = consumption.use_type)
            and (exchanges.roles like '%;' || consumption.role || ';%' or exchanges.roles like '%;-' || consumption.role || ';%')
        where
            exchanges.amount_source = 'meter'
            and {{ only_rebuilt_months("consumption.month") }}
            and consumption.month >= exchanges.valid_from
            and consumption.month < exchanges.valid_to

        union all

        select
            exchanges.exchange_id,
            production.month,
            1 as sign,
            production.quantity,
            production.unit,
            cast(null as decimal(18, 6)) as energy_gj,
            cast(0 as decimal(9, 6)) as estimated_ratio
        from {{ ref("stg_site__exchange") }} as exchanges
        inner join
            {{ source("accounting", "production") }} as production
            on exchanges.organization_id = production.organization_id
            and exchanges.production_product_id = production.product_id
        where
            exchanges.amount_source = 'production'
            and {{ only_rebuilt_months("production.month") }}
            and production.month >= exchanges.valid_from
            and production.month < exchanges.valid_to

        union all

        select
            exchanges.exchange_id,
            activity.month,
            1 as sign,
            activity.quantity,
            activity.unit,
            cast(null as decimal(18, 6)) as energy_gj,
            cast(0 as decimal(9, 6)) as estimated_ratio
        from {{ ref("stg_site__exchange") }} as exchanges
        inner join
            {{ source("accounting", "activity") }} as activity
            on exchanges.organization_id = activity.organization_id
            and exchanges.activity_item = activity.item
        where
            exchanges.amount_source = 'activity'
            and {{ only_rebuilt_months("activity.month") }}
            and activity.month >= exchanges.valid_from
            and activity.month < exchanges.valid_to

    ),

    converted as (

        select
            told.exchange_id,
            told.month,
            told.estimated_ratio,
            case
                when exchanges.quantity is not null
                then told.sign * {{ product("told.quantity", 6, "exchanges.quantity", 9, 6) }}
                when direct.factor is not null
                then told.sign * {{ product("told.quantity", 6, "direct.factor", 9, 6) }}
                when heat.factor is not null
                then told.sign * {{ product("told.energy_gj", 6, "heat.factor", 9, 6) }}
            end as amount,
            case
                when told.quantity is null
                then 'not_measured'
                when exchanges.quantity is null and direct.factor is null and heat.factor is null
                then 'unit_of_other_dimension'
                when exchanges.quantity is null and direct.factor is null and told.energy_gj is null
                then 'no_heat_value'
            end as missing
        from told
        inner join
            {{ ref("stg_site__exchange") }} as exchanges
            on told.exchange_id = exchanges.exchange_id
            and told.month >= exchanges.valid_from
            and told.month < exchanges.valid_to
        left join
            {{ source("factors", "unit_conversions") }} as direct
            on told.unit = direct.from_unit
            and exchanges.unit = direct.to_unit
        left join
            {{ source("factors", "unit_conversions") }} as heat
            on heat.from_unit = 'GJ'
            and exchanges.unit = heat.to_unit
            and exchanges.amount_source = 'meter'

    ),

    summed as (

        select
            exchange_id,
            month,
            case when max(missing) is null then cast(sum(amount) as decimal(18, 6)) end as amount,
            max(estimated_ratio) as estimated_ratio,
            max(missing) as missing
        from converted
        group by exchange_id, month

    )

select
    summed.exchange_id,
    summed.month,
    {{ product("summed.amount", 6, "exchanges.share", 9, 6) }} as amount,
    summed.estimated_ratio,
    summed.missing
from summed
inner join
    {{ ref("stg_site__exchange") }} as exchanges
    on summed.exchange_id = exchanges.exchange_id
    and summed.month >= exchanges.valid_from
    and summed.month < exchanges.valid_to
