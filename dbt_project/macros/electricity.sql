-- Active / apparent energy with six decimals, from active and reactive energy; NULL where either is unknown or the
-- active is zero. A square root is no decimal, so each engine takes it by itself.
{% macro power_factor(active, reactive) %}
    {{- return(adapter.dispatch("power_factor", "nengtan")(active, reactive)) -}}
{% endmacro %}

{% macro default__power_factor(active, reactive) %}
    case
        when {{ active }} > 0
        then
            cast(
                cast({{ active }} as double)
                / sqrt(power(cast({{ active }} as double), 2) + power(cast({{ reactive }} as double), 2)) as decimal(9, 6)
            )
    end
{%- endmacro %}

-- Over how many minutes demand is a mean: 15, or the fewest whole intervals that are not shorter.
{% macro demand_window_minutes() -%}
    {{ var("interval_minutes") * ((14 + var("interval_minutes")) // var("interval_minutes")) }}
{%- endmacro %}

-- Whether that is one interval, so that nothing has to be added up.
{% macro demand_window_is_interval() %} {{ return(demand_window_minutes() | int == var("interval_minutes") | int) }}{% endmacro %}

-- The mean power in kW of what passed in a window.
{% macro window_power(quantity_kwh) %}
    {%- set minutes = demand_window_minutes() | int -%}
    cast(
        {%- if 60 % minutes == 0 %}{{ quantity_kwh }} * {{ 60 // minutes }}
        {%- else %}{{ divide_decimal(quantity_kwh ~ " * 60", minutes) }}
        {%- endif %} as decimal(18, 6)
    )
{%- endmacro %}
