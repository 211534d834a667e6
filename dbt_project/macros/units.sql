-- The amount that an hour of a rate makes: a power point in kW gives kWh.
{% macro amount_of_rate(unit) %}
    {%- set amounts = {
        "W": "Wh",
        "kW": "kWh",
        "MW": "MWh",
        "GJ_per_h": "GJ",
        "kvar": "kvarh",
        "m3_per_h": "m3",
        "t_per_h": "t",
        "kg_per_h": "kg",
    } -%}
    case
        {{ unit }} {%- for rate, amount in amounts.items() %} when '{{ rate }}' then '{{ amount }}'{% endfor %} else {{ unit }}
    end
{%- endmacro %}
