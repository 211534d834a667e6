-- Power and heat that come from outside. Location: the average of the grid region; market: zero for power bought by
-- contract from non-fossil stations, the rest at the national average without traded non-fossil power; statutory: the
-- national average on every kilowatt-hour, but zero for proven non-fossil power where the guideline says so, and what is
-- sold is taken off where its formula says so. Heat:
-- one factor for every account.
-- In the market account a certificate that was retired is matched once, by whoever retired it first, with at most what
-- was bought in its month; what is left of the electricity is a line of its own.
-- The footprint factor of electricity is never taken here; it is another kind in the library.
-- Clause: ghgp_scope2.location_based, ghgp_scope2.market_based, ghgp_scope2.certificates
-- Clause: gbt_32150.purchased_electricity
-- Clause: gbt_32150.purchased_heat, gbt_24067.electricity
with
    flows as (

        select
            activity.month,
            activity.organization_id,
            activity.is_internal,
            activity.carrier,
            activity.sign,
            carriers.family,
            carriers.origin = 'renewable' as is_non_fossil,
            case when carriers.family = 'heat' then 'GJ' else activity.quantity_unit end as activity_unit,
            cast(
                sum(
                    activity.sign * case when carriers.family = 'heat' then activity.energy_gj else activity.quantity end
                ) as decimal(18, 6)
            ) as activity,
            max(activity.estimated_ratio) as estimated_ratio
        from {{ ref("int_carbon__metered_activity") }} as activity
        inner join {{ source("factors", "carriers") }} as carriers on activity.carrier = carriers.carrier
        where
            carriers.family in ('electricity', 'heat')
            and activity.role in ('purchase', 'internal_purchase', 'sale', 'internal_sale')
        group by
            activity.month,
            activity.organization_id,
            activity.is_internal,
            activity.carrier,
            activity.sign,
            carriers.family,
            carriers.origin,
            case when carriers.family = 'heat' then 'GJ' else activity.quantity_unit end

    ),

    certified as (

        select organization_id, month, sum(quantity) as quantity
        from {{ ref("int_carbon__retired_certificate") }}
        group by organization_id, month

    ),

    -- how much of each purchase from fossil or unknown stations a certificate covers, what came from outside first
    covered as (

        select
            flows.month,
            flows.organization_id,
            flows.is_internal,
            flows.carrier,
            least(
                greatest(
                    certified.quantity - coalesce(
                        sum(flows.activity) over (
                            partition by flows.month, flows.organization_id
                            order by flows.is_internal, flows.carrier
                            rows between unbounded preceding and 1 preceding
                        ),
                        0
                    ),
                    0
                ),
                flows.activity
            ) as quantity
        from flows
        inner join certified on flows.month = certified.month and flows.organization_id = certified.organization_id
        where
            flows.family = 'electricity'
            and flows.sign = 1
            and not flows.is_non_fossil
            and flows.activity > 0
            and flows.activity_unit = 'kWh'

    ),

    wanted as (

        select flows.*, 'location' as basis, 'region' as factor_type, 'region' as term
        from flows
        where family = 'electricity' and sign = 1

        union all

        select
            flows.month,
            flows.organization_id,
            flows.is_internal,
            flows.carrier,
            flows.sign,
            flows.family,
            flows.is_non_fossil,
            flows.activity_unit,
            cast(flows.activity - coalesce(covered.quantity, 0) as decimal(18, 6)) as activity,
            flows.estimated_ratio,
            'market' as basis,
            case when is_non_fossil then 'nonfossil_electricity' else 'national_excl_market_nonfossil' end as factor_type,
            case when is_non_fossil then 'nonfossil_electricity' else 'national_excl_market_nonfossil' end as term
        from flows
        left join
            covered
            on flows.sign = 1
            and flows.month = covered.month
            and flows.organization_id = covered.organization_id
            and flows.is_internal = covered.is_internal
            and flows.carrier = covered.carrier
            and flows.activity_unit = 'kWh'
        where flows.family = 'electricity' and flows.sign = 1

        union all

        select
            flows.month,
            flows.organization_id,
            flows.is_internal,
            flows.carrier,
            flows.sign,
            flows.family,
            flows.is_non_fossil,
            flows.activity_unit,
            cast(covered.quantity as decimal(18, 6)) as activity,
            flows.estimated_ratio,
            'market' as basis,
            'nonfossil_electricity' as factor_type,
            'certificate' as term
        from flows
        inner join
            covered
            on flows.month = covered.month
            and flows.organization_id = covered.organization_id
            and flows.is_internal = covered.is_internal
            and flows.carrier = covered.carrier
        where flows.family = 'electricity' and flows.sign = 1 and flows.activity_unit = 'kWh' and covered.quantity > 0

        union all

        select
            flows.*,
            'statutory' as basis,
            case
                when emitters.nonfossil_is_zero and flows.is_non_fossil
                then 'nonfossil_electricity'
                else emitters.statutory_electricity
            end as factor_type,
            case
                when emitters.nonfossil_is_zero and flows.is_non_fossil
                then 'nonfossil_electricity'
                else emitters.statutory_electricity
            end as term
        from flows
        inner join {{ ref("int_carbon__organization") }} as emitters on flows.organization_id = emitters.organization_id
        where flows.family = 'electricity' and (flows.sign = 1 or emitters.deducts_exports)

        union all

        select flows.*, 'all' as basis, 'purchased_heat' as factor_type, 'purchased_heat' as term
        from flows
        where family = 'heat' and sign = 1

        union all

        select flows.*, 'statutory' as basis, 'purchased_heat' as factor_type, 'purchased_heat' as term
        from flows
        inner join {{ ref("int_carbon__organization") }} as emitters on flows.organization_id = emitters.organization_id
        where flows.family = 'heat' and (flows.sign = 1 or emitters.deducts_exports)

    )

select
    wanted.month,
    wanted.organization_id,
    wanted.is_internal,
    case when wanted.sign = 1 then 'purchased_' else 'sold_' end || wanted.family as source_category,
    2 as scope,
    wanted.basis,
    'CO2' as gas,
    wanted.carrier,
    wanted.term as method_term,
    wanted.activity,
    wanted.activity_unit,
    coalesce(grid.factor_id, heat.factor_id) as factor_id,
    coalesce(grid.factor, cast(heat.factor as decimal(18, 12))) as factor,
    coalesce(grid.factor_unit, heat.factor_unit) as factor_unit,
    cast(case when wanted.family = 'electricity' then 0.001 else 1 end as decimal(7, 6)) as tonnes_per_factor_mass,
    coalesce(grid.factor_type, heat.category) as factor_set,
    coalesce(grid.vintage_rule, 'default') as factor_rule,
    coalesce(grid.confidence, heat.confidence) as factor_confidence,
    coalesce(grid.is_fallback, false) as factor_is_fallback,
    case
        when wanted.family = 'heat'
        then 'gbt_32150.purchased_heat'
        when wanted.term = 'certificate'
        then 'ghgp_scope2.certificates'
        when wanted.basis = 'location'
        then 'ghgp_scope2.location_based'
        when wanted.basis = 'market'
        then 'ghgp_scope2.market_based'
        else 'gbt_32150.purchased_electricity'
    end as method_clause,
    false as is_biogenic,
    case
        when wanted.activity is null
        then 'needs_enthalpy'
        when grid.factor_id is null and heat.factor_id is null
        then 'no_factor_for_region_and_year'
    end as null_reason,
    wanted.estimated_ratio
from wanted
left join
    {{ ref("int_factors__grid_emission") }} as grid
    on wanted.family = 'electricity'
    and grid.region = case when wanted.factor_type = 'region' then '{{ var("grid_region") }}' else 'CN' end
    and (
        grid.factor_type = wanted.factor_type
        or (wanted.factor_type = 'region' and grid.factor_type in ('province_average', 'regional_average', 'national_average'))
    )
    and wanted.month >= grid.valid_from
    and wanted.month < grid.valid_to
left join
    {{ source("factors", "factor_heat_process") }} as heat on wanted.family = 'heat' and heat.factor_key = wanted.factor_type
