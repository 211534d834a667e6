{{ config(materialized="table") }}
-- The mean power of each window of 15 minutes (of an interval, where that is longer) in which every point of the supply is
-- known, in the band in which most of its hour was bought: of each month and band the first window of the highest demand. The one
-- of the whole month has place 1. Millions of windows are only aggregated; what is ordered are the few that are left.
{% set minutes = var("interval_minutes") -%}
{% set window_us = minutes * ((14 + minutes) // minutes) * 60000000 -%}
with
    supply as (select distinct energy_unit_id, role from {{ ref("int_energy__supply_point") }}),

    keyed as (

        select cast(row_number() over (order by energy_unit_id, role) as integer) as supply_key, energy_unit_id, role from supply

    ),

    passed as (

        select
            keyed.supply_key,
            intervals.month,
            min(intervals.slot_number) as slot_number,
            {{ integer_divide("intervals.period_us", window_us) }} as window_number,
            sum({{ scaled_amount("intervals.quantity", "supplies.weight") }}) as quantity_kwh,
            count(*) as expected_count,
            count(intervals.quantity) as known_count
        from {{ ref("int_energy__supply_interval") }} as intervals
        inner join
            {{ ref("int_energy__supply_point") }} as supplies
            on intervals.point_id = supplies.point_id
            and intervals.local_date >= supplies.segment_from
            and intervals.local_date < supplies.segment_to
        inner join keyed on supplies.energy_unit_id = keyed.energy_unit_id and supplies.role = keyed.role
        group by keyed.supply_key, intervals.month, {{ integer_divide("intervals.period_us", window_us) }}

    ),

    slot as (

        select keyed.supply_key, slots.slot_number, slots.band, slots.quantity_kwh
        from {{ ref("int_energy__supply_slot") }} as slots
        inner join keyed on slots.energy_unit_id = keyed.energy_unit_id and slots.role = keyed.role

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

    ),

    demands as (

        select
            passed.supply_key,
            passed.month,
            bands.band,
            passed.window_number * {{ window_us }} as window_us,
            cast(passed.quantity_kwh * {{ 3600000000 // window_us }} as decimal(18, 6)) as demand_kw
        from passed
        inner join band_of_slot as bands on passed.supply_key = bands.supply_key and passed.slot_number = bands.slot_number
        where passed.known_count = passed.expected_count

    ),

    highest as (select supply_key, month, band, max(demand_kw) as demand_kw from demands group by supply_key, month, band),

    first_of_highest as (

        select highest.supply_key, highest.month, highest.band, highest.demand_kw, min(demands.window_us) as window_us
        from demands
        inner join
            highest
            on demands.supply_key = highest.supply_key
            and demands.month = highest.month
            and demands.band = highest.band
            and demands.demand_kw = highest.demand_kw
        group by highest.supply_key, highest.month, highest.band, highest.demand_kw

    )

select
    keyed.energy_unit_id,
    keyed.role,
    found.month,
    found.band,
    found.window_us,
    found.demand_kw,
    row_number() over (partition by found.supply_key, found.month order by found.demand_kw desc, found.window_us) as place
from first_of_highest as found
inner join keyed on found.supply_key = keyed.supply_key
