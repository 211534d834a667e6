{{ config(partition_by="month", order_by=["month", "energy_unit_id", "role", "band"]) }}
-- Electricity that each unit bought in a month by band of price, with its demand, the charge for it and what the bill
-- changes for the power factor: days added up, new and retained ones. The demand charge of a month stands in the band in
-- which its highest demand fell, the adjustment is spread as the charges are, so that every amount adds up over bands.
-- Clause: two_part_tariff.demand_charge, two_part_tariff.power_factor
with
    days as (select * from {{ ref("cost_bands_daily") }} where {{ only_rebuilt_months("month") }}),

    bands as (

        select
            energy_unit_id,
            role,
            month,
            band,
            cast(sum(quantity_kwh) as decimal(18, 6)) as quantity_kwh,
            cast(sum(cost_cny) as decimal(18, 6)) as cost_cny,
            max(demand_kw) as demand_kw
        from days
        group by energy_unit_id, role, month, band

    ),

    demands as (

        select
            bands.energy_unit_id,
            bands.role,
            bands.month,
            bands.band,
            min(days.demand_at) as demand_at,
            row_number() over (
                partition by bands.energy_unit_id, bands.role, bands.month order by bands.demand_kw desc, min(days.demand_at)
            ) as place
        from bands
        inner join
            days
            on bands.energy_unit_id = days.energy_unit_id
            and bands.role = days.role
            and bands.month = days.month
            and bands.band = days.band
            and bands.demand_kw = days.demand_kw
        group by bands.energy_unit_id, bands.role, bands.month, bands.band, bands.demand_kw

    ),

    reactive as (

        select
            supplies.energy_unit_id,
            supplies.role,
            days.month,
            sum({{ product("days.quantity", 6, "conversions.factor", 12, 6) }}) as energy_kvarh
        from {{ ref("completeness_daily") }} as days
        inner join
            {{ ref("int_energy__point") }} as points
            on days.point_id = points.point_id
            and points.measured_quantity in ('reactive_energy', 'reactive_energy_import')
        inner join
            {{ source("factors", "unit_conversions") }} as conversions
            on days.quantity_unit = conversions.from_unit
            and conversions.to_unit = 'kvarh'
        inner join
            (select distinct energy_unit_id, role, meter_id from {{ ref("int_energy__supply_point") }}) as supplies
            on points.meter_id = supplies.meter_id
        where {{ only_rebuilt_months("days.month") }} and days.quantity is not null
        group by supplies.energy_unit_id, supplies.role, days.month

    ),

    months as (

        select energy_unit_id, role, month, sum(quantity_kwh) as active_kwh from bands group by energy_unit_id, role, month

    ),

    factors as (

        select
            months.energy_unit_id,
            months.role,
            months.month,
            contracts.demand_rule,
            contracts.contract_kw,
            contracts.capacity_kva,
            contracts.price_cny_per_kw,
            contracts.power_factor_standard,
            {{ power_factor("months.active_kwh", "reactive.energy_kvarh") }} as power_factor
        from months
        left join
            reactive
            on months.energy_unit_id = reactive.energy_unit_id
            and months.role = reactive.role
            and months.month = reactive.month
        left join
            {{ ref("stg_site__supply_contract") }} as contracts
            on months.energy_unit_id = contracts.energy_unit_id
            and months.role = 'purchase'
            and months.month >= contracts.valid_from
            and months.month < contracts.valid_to

    ),

    adjusted as (

        select
            factors.*,
            pieces.confidence,
            pieces.at_upper_pct
            + pieces.per_hundredth_pct * ((pieces.to_ratio - cast(factors.power_factor as decimal(4, 2))) * 100) as adjustment_pct
        from factors
        left join
            {{ source("factors", "power_factor_adjustment") }} as pieces
            on factors.power_factor_standard = pieces.power_factor_standard
            and cast(factors.power_factor as decimal(4, 2)) >= pieces.from_ratio
            and cast(factors.power_factor as decimal(4, 2)) <= pieces.to_ratio

    ),

    charged as (

        select
            bands.*,
            demands.demand_at,
            adjusted.power_factor,
            adjusted.adjustment_pct,
            adjusted.confidence,
            adjusted.demand_rule,
            case
                when adjusted.price_cny_per_kw is null
                then null
                when demands.place is null or demands.place > 1
                then 0
                when adjusted.demand_rule = 'max_demand'
                then bands.demand_kw
                when adjusted.demand_rule = 'capacity'
                then adjusted.capacity_kva
                when bands.demand_kw <= adjusted.contract_kw * 1.05
                then adjusted.contract_kw
                else adjusted.contract_kw + (bands.demand_kw - adjusted.contract_kw * 1.05) * 2
            end as charged_kw,
            adjusted.price_cny_per_kw
        from bands
        left join
            demands
            on bands.energy_unit_id = demands.energy_unit_id
            and bands.role = demands.role
            and bands.month = demands.month
            and bands.band = demands.band
        inner join
            adjusted
            on bands.energy_unit_id = adjusted.energy_unit_id
            and bands.role = adjusted.role
            and bands.month = adjusted.month

    ),

    priced as (

        select
            charged.*,
            {{ scaled_amount("cast(charged.charged_kw as decimal(18, 6))", "charged.price_cny_per_kw", 6) }} as demand_cost_cny
        from charged

    )

select
    cast(priced.month as date) as month,
    cast(units.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(priced.energy_unit_id as string) as energy_unit_id,
    cast(units.name_zh as string) as energy_unit_name_zh,
    cast(units.name_en as string) as energy_unit_name_en,
    cast(priced.role as string) as role,
    cast(priced.band as string) as band,
    cast({{ band_word("priced.band", "zh") }} as string) as band_name_zh,
    cast({{ band_word("priced.band", "en") }} as string) as band_name_en,
    cast(priced.quantity_kwh as decimal(18, 6)) as quantity_kwh,
    cast(priced.cost_cny as decimal(18, 6)) as cost_cny,
    cast(priced.demand_kw as decimal(18, 6)) as demand_kw,
    cast(priced.demand_at as {{ instant_type() }}) as demand_at,
    cast(priced.demand_rule as string) as demand_rule,
    cast(priced.charged_kw as decimal(18, 6)) as charged_kw,
    cast(priced.demand_cost_cny as decimal(18, 6)) as demand_cost_cny,
    cast(priced.power_factor as decimal(9, 6)) as power_factor,
    cast(priced.adjustment_pct * 0.01 as decimal(9, 6)) as power_factor_adjustment_ratio,
    cast(
        (priced.cost_cny + coalesce(priced.demand_cost_cny, 0))
        * cast(priced.adjustment_pct * 0.01 as decimal(9, 6)) as decimal(18, 6)
    ) as power_factor_adjustment_cny,
    cast(priced.confidence as string) as factor_confidence
from priced
inner join {{ ref("stg_site__energy_unit") }} as units on priced.energy_unit_id = units.energy_unit_id
inner join {{ ref("stg_site__organization") }} as organizations on units.organization_id = organizations.organization_id
