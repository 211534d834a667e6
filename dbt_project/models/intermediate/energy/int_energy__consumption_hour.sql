{{ config(materialized='table') }}
-- Quantity, energy, standard coal and cost of each total and hour. Hours are rounded once, to six decimals, and every
-- longer period is their sum, so days and months add up to the last printed digit.
-- Clause: gbt_2589.coal_equivalent   energy = quantity x coefficient of the day; cost = quantity x price of the slot
with slot_cost as (

    select
        series.total_key,
        series.carrier,
        series.quantity_unit,
        hours.hour_number,
        hours.local_date,
        slots.quantity,
        slots.gross_quantity,
        slots.estimated_quantity,
        slots.interval_count,
        slots.missing_count,
        {{ scaled_amount('slots.quantity', 'prices.price_cny_per_unit', 6) }} as cost_cny
    from {{ ref('int_energy__series_slot') }} as slots
    inner join {{ ref('int_energy__consumption_series') }} as series on slots.series_key = series.series_key
    inner join {{ source('meta', 'calendar_hour') }} as hours
        on {{ integer_divide('slots.slot_number', slots_per_hour()) }} = hours.hour_number
    left join {{ ref('int_energy__price_slot') }} as prices
        on series.tariff_unit_id = prices.energy_unit_id
        and series.tariff_carrier = prices.carrier
        and hours.local_date = prices.local_date
        and hours.local_hour = prices.local_hour
        and slots.slot_number % {{ slots_per_hour() }} = prices.slot_of_hour

),

hourly as (

    select
        total_key,
        carrier,
        quantity_unit,
        hour_number,
        local_date,
        cast(sum(quantity) as decimal(18, 6)) as quantity,
        cast(sum(gross_quantity) as decimal(18, 6)) as gross_quantity,
        cast(sum(estimated_quantity) as decimal(18, 6)) as estimated_quantity,
        cast(sum(interval_count) as integer) as interval_count,
        cast(sum(missing_count) as integer) as missing_count,
        cast(sum(cost_cny) as decimal(18, 6)) as cost_cny
    from slot_cost
    group by total_key, carrier, quantity_unit, hour_number, local_date

)

select
    hourly.total_key,
    hourly.hour_number,
    hourly.local_date,
    hourly.quantity,
    hourly.gross_quantity,
    hourly.estimated_quantity,
    hourly.interval_count,
    hourly.missing_count,
    {{ scaled_amount('hourly.quantity', 'factors.gj_per_unit', 12) }} as energy_gj,
    {{ scaled_amount('hourly.quantity', 'factors.tce_calorific_per_unit', 12) }} as energy_tce_calorific,
    {{ scaled_amount('hourly.quantity', 'factors.tce_equivalent_per_unit', 12) }} as energy_tce_equivalent,
    hourly.cost_cny
from hourly
left join {{ ref('int_energy__coefficient_day') }} as factors
    on hourly.carrier = factors.carrier
    and hourly.quantity_unit = factors.quantity_unit
    and hourly.local_date = factors.local_date
order by hourly.total_key, hourly.hour_number
