{{ config(materialized="table") }}
-- Electricity that a process buys, by origin: contracts by their own, what retired certificates cover by theirs, the rest
-- by the national average, which knows no residual mix because none is published. What the works make themselves has
-- no way to go; what has an origin and comes through a grid has one.
-- Clause: gbt_24067.electricity, ghgp_scope2.certificates
with
    bought as (

        select
            exchanges.exchange_id,
            exchanges.organization_id,
            amounts.month,
            amounts.quantity,
            case
                when exchanges.carrier in ('electricity', 'electricity_grid') or exchanges.carrier is null
                then 'average'
                else replace(exchanges.carrier, 'electricity_', '')
            end as origin,
            exchanges.amount_source = 'meter' as is_own_purchase,
            exchanges.roles like '%own_generation%' or exchanges.roles like '%recovered%' as is_self_made
        from {{ ref("stg_site__exchange") }} as exchanges
        inner join
            {{ ref("int_footprint__amount") }} as amounts
            on exchanges.exchange_id = amounts.exchange_id
            and amounts.month >= exchanges.valid_from
            and amounts.month < exchanges.valid_to
        where exchanges.provider_kind = 'electricity'

    ),

    -- how much of what came from outside, of no said or of fossil origin, certificates cover (the market account says)
    claimed as (

        select
            organization_id,
            month,
            sum(activity) as bought,
            sum(case when method_term = 'certificate' then activity else 0 end) as covered
        from {{ ref("emissions_monthly") }}
        where
            basis = 'market'
            and source_category = 'purchased_electricity'
            and not is_internal
            and method_term <> 'nonfossil_electricity'
            and {{ only_rebuilt_months("month") }}
        group by organization_id, month

    ),

    certified as (

        select
            certificates.organization_id,
            certificates.month,
            certificates.origin,
            {{ divide_decimal("certificates.quantity", "totals.quantity", 9) }} as share
        from {{ ref("int_carbon__retired_certificate") }} as certificates
        inner join
            (
                select organization_id, month, sum(quantity) as quantity
                from {{ ref("int_carbon__retired_certificate") }}
                group by organization_id, month
            ) as totals
            on certificates.organization_id = totals.organization_id
            and certificates.month = totals.month

    ),

    covered as (

        select
            bought.exchange_id,
            bought.month,
            certified.origin as part,
            {{
                product(
                    product("bought.quantity", 6, divide_decimal("claimed.covered", "claimed.bought", 9), 9, 6),
                    6,
                    "certified.share",
                    9,
                    6,
                )
            }} as quantity
        from bought
        inner join claimed on bought.organization_id = claimed.organization_id and bought.month = claimed.month
        inner join certified on bought.organization_id = certified.organization_id and bought.month = certified.month
        where
            bought.is_own_purchase and not bought.is_self_made and bought.origin in ('average', 'thermal') and claimed.covered > 0

    ),

    parts as (

        select exchange_id, month, part, quantity, true as is_on_the_way
        from covered

        union all

        select
            bought.exchange_id,
            bought.month,
            bought.origin as part,
            cast(bought.quantity - coalesce(sum(covered.quantity), 0) as decimal(18, 6)) as quantity,
            not bought.is_self_made and bought.origin <> 'average' as is_on_the_way
        from bought
        left join covered on bought.exchange_id = covered.exchange_id and bought.month = covered.month
        group by bought.exchange_id, bought.month, bought.origin, bought.quantity, bought.is_self_made

    )

select exchange_id, month, part, cast(sum(quantity) as decimal(18, 6)) as quantity
from parts
group by exchange_id, month, part

union all

select exchange_id, month, 'transmission' as part, cast(sum(quantity) as decimal(18, 6)) as quantity
from parts
where is_on_the_way
group by exchange_id, month
