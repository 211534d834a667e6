{{ config(materialized="table") }}
-- What each share of a point is in each slot of one price, and what it costs: worked out once, however many units it rises to.
with
    day as (

        select local_date, min(hour_number) as first_hour, max(hour_number) as last_hour
        from {{ source("meta", "calendar_hour") }}
        group by local_date

    ),

    segment as (  -- in hours: the dates of millions of rows need not be looked up

        select segments.segment_from, segments.segment_to, min(day.first_hour) as first_hour, max(day.last_hour) as last_hour
        from (select distinct segment_from, segment_to from {{ ref("int_energy__point_share") }}) as segments
        inner join day on day.local_date >= segments.segment_from and day.local_date < segments.segment_to
        group by segments.segment_from, segments.segment_to

    ),

    share as (

        select shares.share_key, shares.point_key, shares.tariff_key, shares.weight, segment.first_hour, segment.last_hour
        from {{ ref("int_energy__point_share") }} as shares
        inner join segment on shares.segment_from = segment.segment_from and shares.segment_to = segment.segment_to

    ),

    slot as (

        select slots.*, {{ integer_divide("slots.slot_number", slots_per_hour()) }} as hour_number
        from {{ ref("int_energy__point_slot") }} as slots

    ),

    weighted as (

        select
            share.share_key,
            slots.slot_number,
            prices.band,
            prices.price_cny_per_unit,
            slots.interval_count,
            slots.missing_count,
            {{ scaled_amount("slots.quantity", "share.weight") }} as quantity,
            {{ scaled_amount("slots.gross_quantity", "abs(share.weight)") }} as gross_quantity,
            {{ scaled_amount("slots.estimated_quantity", "abs(share.weight)") }} as estimated_quantity
        from slot as slots
        inner join
            share
            on slots.point_key = share.point_key
            and slots.hour_number >= share.first_hour
            and slots.hour_number <= share.last_hour
        left join
            {{ ref("int_energy__price_slot") }} as prices
            on share.tariff_key = prices.tariff_key
            and slots.slot_number = prices.slot_number

    )

select
    share_key,
    slot_number,
    band,
    quantity,
    gross_quantity,
    estimated_quantity,
    interval_count,
    missing_count,
    {{ scaled_amount("quantity", "price_cny_per_unit", 6) }} as cost_cny
from weighted
