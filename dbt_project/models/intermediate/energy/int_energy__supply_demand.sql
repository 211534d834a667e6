{{ config(materialized="table") }}
-- The mean power of each window of 15 minutes (of an interval, where that is longer) in which every point of the supply is
-- known, in the band in which most of its hour was bought. The first window of the highest demand of a month has place 1.
{% set minutes = var("interval_minutes") -%}
{% set window_us = minutes * ((14 + minutes) // minutes) * 60000000 -%}
with
    passed as (

        select
            supplies.energy_unit_id,
            supplies.role,
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
        group by supplies.energy_unit_id, supplies.role, intervals.month, {{ integer_divide("intervals.period_us", window_us) }}

    ),

    band_of_slot as (

        select
            energy_unit_id,
            role,
            slot_number,
            band,
            row_number() over (partition by energy_unit_id, role, slot_number order by quantity_kwh desc, band) as place
        from {{ ref("int_energy__supply_slot") }}

    ),

    demands as (

        select
            passed.energy_unit_id,
            passed.role,
            passed.month,
            bands.band,
            passed.window_number * {{ window_us }} as window_us,
            cast(passed.quantity_kwh * {{ 3600000000 // window_us }} as decimal(18, 6)) as demand_kw
        from passed
        inner join
            band_of_slot as bands
            on passed.energy_unit_id = bands.energy_unit_id
            and passed.role = bands.role
            and passed.slot_number = bands.slot_number
            and bands.place = 1
        where passed.known_count = passed.expected_count

    )

select
    demands.*,
    row_number() over (partition by energy_unit_id, role, month order by demand_kw desc, window_us) as place,
    row_number() over (partition by energy_unit_id, role, month, band order by demand_kw desc, window_us) as place_in_band
from demands
