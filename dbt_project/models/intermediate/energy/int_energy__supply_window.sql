-- The mean power of each window of a supply, in the band in which it was bought.
with
    bought as (

        select supply_key, local_date, band, window_us, quantity_kwh
        from {{ ref("int_energy__supply_shared") }}
        {% if demand_window_is_interval() -%}
            union all
            select
                supplies.supply_key,
                intervals.local_date,
                prices.band,
                intervals.period_us,
                {{ scaled_amount("intervals.quantity", "supplies.weight") }}
            from {{ ref("int_energy__supply_interval") }} as intervals
            inner join
                {{ ref("int_energy__supply_point") }} as supplies
                on intervals.point_key = supplies.point_key
                and supplies.is_alone
                and intervals.local_date >= supplies.segment_from
                and intervals.local_date < supplies.segment_to
            inner join
                {{ ref("int_energy__price_slot") }} as prices
                on supplies.tariff_key = prices.tariff_key
                and {{ slot_number("intervals.period_us") }} = prices.slot_number
            where intervals.quantity is not null
        {%- endif %}

    )

select supply_key, local_date, band, window_us, {{ window_power("quantity_kwh") }} as demand_kw
from bought
