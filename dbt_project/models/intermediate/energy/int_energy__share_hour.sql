{{ config(materialized="table") }}
-- What each share of a point is in each hour, and what it costs: worked out once, however many units it rises to.
with
    weighted as (

        select
            shares.share_key,
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
            {{ ref("int_energy__point_share") }} as shares
            on slots.point_key = shares.point_key
            and hours.local_date >= shares.segment_from
            and hours.local_date < shares.segment_to
        left join
            {{ ref("int_energy__price_slot") }} as prices
            on shares.tariff_key = prices.tariff_key
            and slots.slot_number = prices.slot_number

    )

{% if slots_per_hour() | int == 1 -%}
    select
        share_key,
        hour_number,
        quantity,
        gross_quantity,
        estimated_quantity,
        interval_count,
        missing_count,
        {{ scaled_amount("quantity", "price_cny_per_unit", 6) }} as cost_cny
    from weighted
{%- else -%}
    select
        share_key,
        hour_number,
        cast(sum(quantity) as decimal(18, 6)) as quantity,
        cast(sum(gross_quantity) as decimal(18, 6)) as gross_quantity,
        cast(sum(estimated_quantity) as decimal(18, 6)) as estimated_quantity,
        cast(sum(interval_count) as integer) as interval_count,
        cast(sum(missing_count) as integer) as missing_count,
        cast(sum({{ scaled_amount("quantity", "price_cny_per_unit", 6) }}) as decimal(18, 6)) as cost_cny
    from weighted
    group by share_key, hour_number
{%- endif %}
