-- What each share of a point is in each hour, and what it costs.
{% if slots_per_hour() | int == 1 -%}
    select
        share_key,
        slot_number as hour_number,
        quantity,
        gross_quantity,
        estimated_quantity,
        interval_count,
        missing_count,
        cost_cny
    from {{ ref("int_energy__share_slot") }}
{%- else -%}
    select
        share_key,
        {{ integer_divide("slot_number", slots_per_hour()) }} as hour_number,
        cast(sum(quantity) as decimal(18, 6)) as quantity,
        cast(sum(gross_quantity) as decimal(18, 6)) as gross_quantity,
        cast(sum(estimated_quantity) as decimal(18, 6)) as estimated_quantity,
        cast(sum(interval_count) as integer) as interval_count,
        cast(sum(missing_count) as integer) as missing_count,
        cast(sum(cost_cny) as decimal(18, 6)) as cost_cny
    from {{ ref("int_energy__share_slot") }}
    group by share_key, {{ integer_divide("slot_number", slots_per_hour()) }}
{%- endif %}
