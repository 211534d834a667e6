{{ config(materialized='table') }}
-- The price of each day and slot of the day where a unit has one. Where two rows hold, the later validity wins.
with day_slot as (

    select
        hours.local_date,
        hours.local_hour,
        slots.n as slot_of_hour,
        hours.local_hour * 60 + slots.n * {{ var('price_minutes') }} as minute_of_day,
        cast(extract(month from hours.local_date) as string) as month_number
    from (
        select distinct local_date, local_hour from {{ source('meta', 'calendar_hour') }}
    ) as hours
    inner join {{ source('meta', 'number') }} as slots on slots.n < {{ slots_per_hour() }}

),

held as (

    select
        tariffs.energy_unit_id,
        tariffs.carrier,
        day_slot.local_date,
        day_slot.local_hour,
        day_slot.slot_of_hour,
        tariffs.band,
        tariffs.price_cny_per_unit,
        row_number() over (
            partition by tariffs.energy_unit_id, tariffs.carrier, day_slot.local_date, day_slot.minute_of_day
            order by tariffs.valid_from desc, tariffs.start_minute desc, tariffs.band
        ) as place
    from {{ ref('stg_site__tariff') }} as tariffs
    inner join day_slot
        on day_slot.local_date >= tariffs.valid_from and day_slot.local_date < tariffs.valid_to
        and tariffs.months like '%;' || cast(day_slot.month_number as string) || ';%'
        and (
            (day_slot.minute_of_day >= tariffs.start_minute and day_slot.minute_of_day < tariffs.end_minute)
            or (
                tariffs.start_minute >= tariffs.end_minute
                and (day_slot.minute_of_day >= tariffs.start_minute or day_slot.minute_of_day < tariffs.end_minute)
            )
        )

)

select energy_unit_id, carrier, local_date, local_hour, slot_of_hour, band, price_cny_per_unit
from held
where place = 1
