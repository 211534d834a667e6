{{ config(materialized="table") }}
-- The amount of every exchange and month. First what meters and books tell; of that the output that fixed amounts refer
-- to; then what is made on demand: all that the processes take of it, in its own unit; then the fixed amounts of what is
-- made on demand. A part without a number leaves the sum without one.
-- Clause: gbt_24067.footprint
with
    referred as (

        select
            exchanges.process_id,
            told.month,
            case when max(told.missing) is null then cast(sum(told.quantity) as decimal(18, 6)) end as output
        from {{ ref("int_footprint__told_amount") }} as told
        inner join
            {{ ref("stg_site__exchange") }} as exchanges
            on told.exchange_id = exchanges.exchange_id
            and told.month >= exchanges.valid_from
            and told.month < exchanges.valid_to
        where exchanges.direction = 'output' and exchanges.kind = 'product'
        group by exchanges.process_id, told.month

    ),

    fixed as ({{ fixed_amounts("referred") }}),

    first_told as (

        select exchange_id, month, amount, quantity, estimated_ratio, missing
        from {{ ref("int_footprint__told_amount") }}
        union all
        select exchange_id, month, amount, quantity, estimated_ratio, missing
        from fixed

    ),

    demanded as (

        select
            exchanges.item,
            first_told.month,
            case when max(first_told.missing) is null then cast(sum(first_told.quantity) as decimal(18, 6)) end as quantity,
            max(first_told.estimated_ratio) as estimated_ratio
        from first_told
        inner join
            {{ ref("stg_site__exchange") }} as exchanges
            on first_told.exchange_id = exchanges.exchange_id
            and first_told.month >= exchanges.valid_from
            and first_told.month < exchanges.valid_to
        where exchanges.direction = 'input' and exchanges.provider_kind = 'process'
        group by exchanges.item, first_told.month

    ),

    on_demand as (

        select
            exchanges.exchange_id,
            exchanges.process_id,
            exchanges.kind,
            demanded.month,
            demanded.quantity as amount,
            demanded.quantity,
            demanded.estimated_ratio,
            case when demanded.quantity is null then 'demand_not_known' end as missing
        from {{ ref("stg_site__exchange") }} as exchanges
        inner join
            demanded
            on exchanges.item = demanded.item
            and demanded.month >= exchanges.valid_from
            and demanded.month < exchanges.valid_to
        where exchanges.amount_source = 'demand'

    ),

    referred_on_demand as (

        select process_id, month, cast(sum(quantity) as decimal(18, 6)) as output
        from on_demand
        where kind = 'product'
        group by process_id, month

    ),

    last_fixed as ({{ fixed_amounts("referred_on_demand") }}),

    gathered as (

        select exchange_id, month, amount, quantity, estimated_ratio, missing
        from first_told
        union all
        select exchange_id, month, amount, quantity, estimated_ratio, missing
        from on_demand
        union all
        select exchange_id, month, amount, quantity, estimated_ratio, missing
        from last_fixed

    )

select
    gathered.exchange_id,
    gathered.month,
    gathered.amount,
    gathered.quantity,
    case
        when exchanges.mass_per_unit_kg is not null
        then {{ product(product("gathered.amount", 6, "exchanges.mass_per_unit_kg", 6, 6), 6, "0.001", 9, 6) }}
        when conversion.factor is not null
        then {{ product("gathered.amount", 6, "conversion.factor", 9, 6) }}
        when products.mass_per_declared_unit_kg is not null and exchanges.told_unit = products.declared_unit
        then
            {{
                product(
                    divide_decimal(
                        product("gathered.quantity", 6, "products.mass_per_declared_unit_kg", 6, 6), "products.declared_amount"
                    ),
                    6,
                    "0.001",
                    9,
                    6,
                )
            }}
    end as mass_t,
    gathered.estimated_ratio,
    gathered.missing
from gathered
inner join
    {{ ref("stg_site__exchange") }} as exchanges
    on gathered.exchange_id = exchanges.exchange_id
    and gathered.month >= exchanges.valid_from
    and gathered.month < exchanges.valid_to
left join {{ ref("stg_site__product") }} as products on exchanges.item = products.product_id
left join
    {{ source("factors", "unit_conversions") }} as conversion
    on exchanges.unit = conversion.from_unit
    and conversion.to_unit = 't'
