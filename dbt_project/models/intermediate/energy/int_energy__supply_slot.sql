{{ config(materialized="table") }}
-- What each unit bought in each slot of one price, at the price of its hour: the same roundings as the cost of hours, so
-- that bands add up to the month. Where two prices hold, the later validity wins.
with
    slot as (

        select slot_number, local_date, min(minute_of_day) as minute_of_day
        from {{ ref("int_energy__supply_interval") }}
        group by slot_number, local_date

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
            and tariffs.months like '%;' || cast(cast(extract(month from slot.local_date) as integer) as string) || ';%'
            and (
                (slot.minute_of_day >= tariffs.start_minute and slot.minute_of_day < tariffs.end_minute)
                or (
                    tariffs.start_minute >= tariffs.end_minute
                    and (slot.minute_of_day >= tariffs.start_minute or slot.minute_of_day < tariffs.end_minute)
                )
            )

    ),

    passed as (

        select point_id, slot_number, local_date, month, cast(sum(quantity) as decimal(18, 6)) as quantity
        from {{ ref("int_energy__supply_interval") }}
        group by point_id, slot_number, local_date, month

    ),

    bought as (

        select
            supplies.energy_unit_id,
            supplies.role,
            supplies.tariff_key,
            passed.month,
            passed.slot_number,
            {{ scaled_amount("passed.quantity", "supplies.weight") }} as quantity_kwh
        from passed
        inner join
            {{ ref("int_energy__supply_point") }} as supplies
            on passed.point_id = supplies.point_id
            and passed.local_date >= supplies.segment_from
            and passed.local_date < supplies.segment_to

    )

select
    bought.energy_unit_id,
    bought.role,
    bought.month,
    bought.slot_number,
    held.band,
    cast(sum(bought.quantity_kwh) as decimal(18, 6)) as quantity_kwh,
    cast(sum({{ scaled_amount("bought.quantity_kwh", "held.price_cny_per_unit", 6) }}) as decimal(18, 6)) as cost_cny
from bought
inner join held on bought.tariff_key = held.tariff_key and bought.slot_number = held.slot_number and held.place = 1
group by bought.energy_unit_id, bought.role, bought.month, bought.slot_number, held.band
