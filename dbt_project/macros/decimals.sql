-- Quotients of decimals, half away from zero, by whole numbers: engines differ in the scale, the overflow and the
-- rounding of decimal division, and DuckDB's is a floating-point one.

-- dividend / divisor with `scale` decimals; NULL where the divisor is zero or NULL. Both are taken at six decimals.
{% macro divide_decimal(dividend, divisor, scale=6) %}
    {{- return(adapter.dispatch('divide_decimal', 'nengtan')(dividend, divisor, scale)) -}}
{% endmacro %}

{% macro default__divide_decimal(dividend, divisor, scale) %}
    round(cast({{ dividend }} as decimal(24, 6)) / nullif(cast({{ divisor }} as decimal(24, 6)), 0), {{ scale }})
{%- endmacro %}

{% macro duckdb__divide_decimal(dividend, divisor, scale) %}
    {%- set n -%} cast(cast({{ dividend }} as decimal(24, 6)) * 1000000 as hugeint) {%- endset -%}
    {%- set d -%} nullif(cast(cast({{ divisor }} as decimal(24, 6)) * 1000000 as hugeint), 0) {%- endset -%}
    {{- duckdb__scaled(
        'sign(' ~ n ~ ') * sign(' ~ d ~ ') * ((2 * abs(' ~ n ~ ') * ' ~ 10 ** scale ~ ' + abs(' ~ d ~ ')) // (2 * abs(' ~ d ~ ')))',
        scale
    ) -}}
{% endmacro %}

-- A whole number of 10^-scale as a decimal, exactly.
{% macro duckdb__scaled(count, scale) %}
    {%- if scale == 0 -%} cast({{ count }} as decimal(18, 0))
    {%- else -%} cast(cast({{ count }} as decimal(28, 0)) * 0.{{ '0' * (scale - 1) }}1 as decimal(18, {{ scale }}))
    {%- endif -%}
{% endmacro %}

-- The share of a quantity (six decimals) that falls to the first `part` of `whole` equal steps. Differences of such
-- shares add up to the quantity exactly.
{% macro first_part(quantity, part, whole) %}
    {{- return(adapter.dispatch('first_part', 'nengtan')(quantity, part, whole)) -}}
{% endmacro %}

{% macro default__first_part(quantity, part, whole) %}
    round(cast({{ quantity }} as decimal(18, 6)) * cast({{ part }} as decimal(18, 0)) / cast({{ whole }} as decimal(18, 0)), 6)
{%- endmacro %}

{% macro duckdb__first_part(quantity, part, whole) %}
    {%- set n -%} cast(cast({{ quantity }} as decimal(18, 6)) * 1000000 as hugeint) {%- endset -%}
    {{- duckdb__scaled(
        'sign(' ~ n ~ ') * ((2 * abs(' ~ n ~ ') * ' ~ part ~ ' + ' ~ whole ~ ') // (2 * ' ~ whole ~ '))', 6
    ) -}}
{% endmacro %}

-- Half away from zero. A cast to a smaller scale rounds so on both engines; round() of a double does not.
{% macro round_decimal(value, scale=6) %}cast({{ value }} as decimal(18, {{ scale }})){% endmacro %}
