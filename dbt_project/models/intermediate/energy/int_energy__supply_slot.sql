-- What each share of a point brings a supply in each slot of one price of the days to rebuild, at that price: the amounts that
-- hours are made of, so that bands add up to the month.
select
    supplies.supply_key,
    supplies.is_alone,
    hours.local_date,
    slots.slot_number,
    slots.band,
    slots.quantity as quantity_kwh,
    slots.cost_cny
from {{ ref("int_energy__share_slot") }} as slots
inner join {{ ref("int_energy__supply_point") }} as supplies on slots.share_key = supplies.share_key
inner join
    {{ source("meta", "calendar_hour") }} as hours
    on {{ integer_divide("slots.slot_number", slots_per_hour()) }} = hours.hour_number
where slots.band is not null
