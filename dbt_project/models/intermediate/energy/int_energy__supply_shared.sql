{{ config(materialized="table") }}
-- What a supply of several points, or of several intervals, bought in each window of a local day in which all of it is known,
-- in the band in which most of the window's slot was bought. Windows are counted from midnight.
{% set window_us = demand_window_minutes() | int * 60000000 -%}
{% set window = integer_divide("intervals.period_us - days.from_us", window_us) -%}
with
    days as (

        select local_date, min(hour_number) * 3600000000 - {{ hour_phase_us() }} as from_us
        from {{ source("meta", "calendar_hour") }}
        group by local_date

    ),

    passed as (

        select
            supplies.supply_key,
            intervals.local_date,
            days.from_us + {{ window }} * {{ window_us }} as window_us,
            min({{ slot_number("intervals.period_us") }}) as slot_number,
            sum({{ scaled_amount("intervals.quantity", "supplies.weight") }}) as quantity_kwh
        from {{ ref("int_energy__supply_interval") }} as intervals
        inner join days on intervals.local_date = days.local_date
        inner join
            {{ ref("int_energy__supply_point") }} as supplies
            on intervals.point_key = supplies.point_key
            and intervals.local_date >= supplies.segment_from
            and intervals.local_date < supplies.segment_to
        {% if demand_window_is_interval() %} where not supplies.is_alone {% endif %}
        group by supplies.supply_key, intervals.local_date, days.from_us + {{ window }} * {{ window_us }}
        having count(*) = count(intervals.quantity)

    ),

    slot as (

        select supply_key, slot_number, band, sum(quantity_kwh) as quantity_kwh
        from {{ ref("int_energy__supply_slot") }}
        {% if demand_window_is_interval() %} where not is_alone {% endif %}
        group by supply_key, slot_number, band

    ),

    banded as (select supply_key, slot_number, min(band) as band, count(*) as bands from slot group by supply_key, slot_number),

    ranked as (

        select
            slot.supply_key,
            slot.slot_number,
            slot.band,
            row_number() over (partition by slot.supply_key, slot.slot_number order by slot.quantity_kwh desc, slot.band) as place
        from slot
        inner join banded on slot.supply_key = banded.supply_key and slot.slot_number = banded.slot_number and banded.bands > 1

    ),

    band_of_slot as (

        select supply_key, slot_number, band
        from banded
        where bands = 1
        union all
        select supply_key, slot_number, band
        from ranked
        where place = 1

    )

select passed.supply_key, passed.local_date, bands.band, passed.window_us, passed.quantity_kwh
from passed
inner join band_of_slot as bands on passed.supply_key = bands.supply_key and passed.slot_number = bands.slot_number
