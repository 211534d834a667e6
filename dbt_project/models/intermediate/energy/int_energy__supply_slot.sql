-- What each point of supply brings in each slot of one price of the days to rebuild, at that price: the same roundings as the
-- cost of hours, so that bands add up to the month.
with
    bought as (

        select
            supplies.supply_key,
            supplies.is_alone,
            supplies.tariff_key,
            hours.local_date,
            slots.slot_number,
            {{ scaled_amount("slots.quantity", "supplies.weight") }} as quantity_kwh
        from {{ ref("int_energy__point_slot") }} as slots
        inner join
            {{ source("meta", "calendar_hour") }} as hours
            on {{ integer_divide("slots.slot_number", slots_per_hour()) }} = hours.hour_number
        inner join
            {{ ref("int_energy__supply_point") }} as supplies
            on slots.point_key = supplies.point_key
            and hours.local_date >= supplies.segment_from
            and hours.local_date < supplies.segment_to

    )

select
    bought.supply_key,
    bought.is_alone,
    bought.local_date,
    bought.slot_number,
    prices.band,
    bought.quantity_kwh,
    {{ scaled_amount("bought.quantity_kwh", "prices.price_cny_per_unit", 6) }} as cost_cny
from bought
inner join
    {{ ref("int_energy__price_slot") }} as prices
    on bought.tariff_key = prices.tariff_key
    and bought.slot_number = prices.slot_number
