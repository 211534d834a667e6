{{ config(materialized="table", meta={"categories": ["band"]}) }}
-- The price of each slot of time where a unit has one, in its local time of day. Where two rows hold, the later
-- validity wins.
with
    slot as (

        select
            hours.local_date,
            hours.hour_number * {{ slots_per_hour() }} + parts.n as slot_number,
            hours.local_hour * 60 + parts.n * {{ var("price_minutes") }} as minute_of_day,
            '%;' || cast(cast(extract(month from hours.local_date) as integer) as string) || ';%' as month_pattern
        from {{ source("meta", "calendar_hour") }} as hours
        inner join {{ source("meta", "number") }} as parts on parts.n < {{ slots_per_hour() }}

    ),

    held as (

        select
            keys.tariff_key,
            slot.slot_number,
            tariffs.band,
            tariffs.price_cny_per_unit,
            row_number() over (
                partition by keys.tariff_key, slot.slot_number
                order by tariffs.valid_from desc, tariffs.start_minute desc, tariffs.band, tariffs.price_cny_per_unit
            ) as place
        from {{ ref("stg_site__tariff") }} as tariffs
        inner join
            {{ ref("int_energy__tariff_key") }} as keys
            on tariffs.energy_unit_id = keys.energy_unit_id
            and tariffs.carrier = keys.carrier
        inner join
            slot
            on slot.local_date >= tariffs.valid_from
            and slot.local_date < tariffs.valid_to
            and tariffs.months like slot.month_pattern
            and (
                (slot.minute_of_day >= tariffs.start_minute and slot.minute_of_day < tariffs.end_minute)
                or (
                    tariffs.start_minute >= tariffs.end_minute
                    and (slot.minute_of_day >= tariffs.start_minute or slot.minute_of_day < tariffs.end_minute)
                )
            )

    )

select tariff_key, slot_number, band, price_cny_per_unit
from held
where place = 1
