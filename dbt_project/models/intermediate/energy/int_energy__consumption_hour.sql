{{ config(materialized="table") }}
-- Quantity, energy, standard coal and cost of each total and hour. Hours are rounded once, to six decimals, and every
-- longer period is their sum, so days and months add up to the last printed digit. Ordered by time, for whoever reads
-- month by month.
-- Clause: gbt_2589.coal_equivalent   energy = quantity x coefficient of the day; cost = quantity x price of the slot
with
    weighted as (

        select
            shares.total_key,
            hours.hour_number,
            prices.price_cny_per_unit,
            slots.interval_count,
            slots.missing_count,
            {{ scaled_amount("slots.quantity", "shares.weight") }} as quantity,
            {{ scaled_amount("slots.gross_quantity", "abs(shares.weight)") }} as gross_quantity,
            {{ scaled_amount("slots.estimated_quantity", "abs(shares.weight)") }} as estimated_quantity
        from {{ ref("int_energy__point_slot") }} as slots
        inner join
            {{ source("meta", "calendar_hour") }} as hours
            on {{ integer_divide("slots.slot_number", slots_per_hour()) }} = hours.hour_number
        inner join
            {{ ref("int_energy__series_point") }} as shares
            on slots.point_key = shares.point_key
            and hours.local_date >= shares.segment_from
            and hours.local_date < shares.segment_to
        left join
            {{ ref("int_energy__price_slot") }} as prices
            on shares.tariff_key = prices.tariff_key
            and slots.slot_number = prices.slot_number

    ),

    hourly as (

        select
            total_key,
            hour_number,
            cast(sum(quantity) as decimal(18, 6)) as quantity,
            cast(sum(gross_quantity) as decimal(18, 6)) as gross_quantity,
            cast(sum(estimated_quantity) as decimal(18, 6)) as estimated_quantity,
            cast(sum(interval_count) as integer) as interval_count,
            cast(sum(missing_count) as integer) as missing_count,
            cast(sum({{ scaled_amount("quantity", "price_cny_per_unit", 6) }}) as decimal(18, 6)) as cost_cny
        from weighted
        group by total_key, hour_number

    )

select
    hourly.total_key,
    hourly.hour_number,
    hours.local_date,
    hours.month,
    hourly.quantity,
    hourly.gross_quantity,
    hourly.estimated_quantity,
    hourly.interval_count,
    hourly.missing_count,
    {{ scaled_amount("hourly.quantity", "factors.gj_per_unit", 12) }} as energy_gj,
    {{ scaled_amount("hourly.quantity", "factors.tce_calorific_per_unit", 12) }} as energy_tce_calorific,
    {{ scaled_amount("hourly.quantity", "factors.tce_equivalent_per_unit", 12) }} as energy_tce_equivalent,
    hourly.cost_cny
from hourly
inner join {{ source("meta", "calendar_hour") }} as hours on hourly.hour_number = hours.hour_number
left join
    {{ ref("int_energy__coefficient_day") }} as factors
    on hourly.total_key = factors.total_key
    and hours.local_date = factors.local_date
order by hourly.hour_number, hourly.total_key
