{{
    config(
        partition_by="month",
        replaced_by=["local_date"],
        order_by=["month", "energy_unit_id", "role", "local_date", "band"],
    )
}}
-- Electricity that each unit bought on each local day by band of price, with the highest demand within it: what months are
-- added up from.
-- Clause: two_part_tariff.demand_charge
with
    bought as (

        select
            supply_key,
            local_date,
            band,
            cast(sum(quantity_kwh) as decimal(18, 6)) as quantity_kwh,
            cast(sum(cost_cny) as decimal(18, 6)) as cost_cny
        from {{ ref("int_energy__supply_slot") }}
        group by supply_key, local_date, band

    ),

    supply as (select distinct supply_key, energy_unit_id, role from {{ ref("int_energy__supply_point") }})

select
    cast(bought.local_date as date) as local_date,
    cast(units.organization_id as string) as organization_id,
    cast(supply.energy_unit_id as string) as energy_unit_id,
    cast(supply.role as string) as role,
    {{ words_of("bought.band") }} as band,
    cast(bought.quantity_kwh as decimal(18, 6)) as quantity_kwh,
    cast(bought.cost_cny as decimal(18, 6)) as cost_cny,
    cast(demands.demand_kw as decimal(18, 6)) as demand_kw,
    cast({{ from_epoch_us("demands.window_us") }} as {{ instant_type() }}) as demand_at,
    {{ month_of("bought.local_date") }} as month
from bought
inner join supply on bought.supply_key = supply.supply_key
inner join {{ ref("stg_site__energy_unit") }} as units on supply.energy_unit_id = units.energy_unit_id
left join
    {{ ref("int_energy__supply_demand") }} as demands
    on bought.supply_key = demands.supply_key
    and bought.local_date = demands.local_date
    and bought.band = demands.band
