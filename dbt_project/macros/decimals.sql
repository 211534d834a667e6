-- fmt: off
-- The formatter takes the integer division of DuckDB for a comment.
-- Quotients of decimals, half away from zero, by whole numbers: engines differ in the scale, the overflow and the
-- rounding of decimal division, and DuckDB's is a floating-point one. DuckDB is much faster on 64 than on 128 bits, so
-- its variants take the short way wherever the numbers surely fit, with the same result.

-- dividend / divisor with `scale` decimals; NULL where the divisor is zero or NULL. Both are taken at six decimals.
{% macro divide_decimal(dividend, divisor, scale=6) %}
    {{- return(adapter.dispatch('divide_decimal', 'nengtan')(dividend, divisor, scale)) -}}
{% endmacro %}

{% macro default__divide_decimal(dividend, divisor, scale) %}
    round(cast({{ dividend }} as decimal(24, 6)) / nullif(cast({{ divisor }} as decimal(24, 6)), 0), {{ scale }})
{%- endmacro %}

{% macro duckdb__divide_decimal(dividend, divisor, scale) %}
    {%- set n = duckdb__micro(dividend, 'decimal(24, 6)') -%}
    {%- set d = 'nullif(' ~ duckdb__micro(divisor, 'decimal(24, 6)') ~ ', 0)' -%}
    case when {{ dividend }} = 0 and {{ divisor }} <> 0 then cast(0 as decimal(18, {{ scale }})) else 
    {{ duckdb__scaled(
        'sign(' ~ n ~ ') * sign(' ~ d ~ ') * ((2 * abs(' ~ n ~ ') * ' ~ 10 ** scale ~ ' + abs(' ~ d ~ ')) // (2 * abs(' ~ d ~ ')))',
        scale
    ) }} end
{%- endmacro %}

-- The share of a quantity (six decimals) that falls to the first `part` of `whole` equal steps, part and whole being
-- whole numbers. Differences of such shares add up to the quantity exactly.
{% macro first_part(quantity, part, whole) %}
    {{- return(adapter.dispatch('first_part', 'nengtan')(quantity, part, whole)) -}}
{% endmacro %}

{% macro default__first_part(quantity, part, whole) %}
    round(cast({{ quantity }} as decimal(18, 6)) * cast({{ part }} as decimal(18, 0)) / cast({{ whole }} as decimal(18, 0)), 6)
{%- endmacro %}

{% macro duckdb__first_part(quantity, part, whole) %}
    {%- set small = 'cast(' ~ quantity ~ ' * 1000000 as bigint)' -%}
    {%- set large = duckdb__micro(quantity, 'decimal(24, 6)') -%}
    case
        when {{ part }} = 0 then cast(0 as decimal(18, 6))
        when {{ part }} = {{ whole }} then {{ quantity }}
        when abs({{ quantity }}) < least(9000000000000 // ({{ whole }}), 9000000)
            then cast(
                sign({{ small }}) * ((abs({{ small }}) * ({{ part }}) + ({{ whole }}) // 2) // ({{ whole }}))
                as decimal(18, 0)
            ) * cast(0.000001 as decimal(7, 6))
        else {{ duckdb__scaled(
            'sign(' ~ large ~ ') * ((2 * abs(' ~ large ~ ') * (' ~ part ~ ') + (' ~ whole ~ ')) // (2 * (' ~ whole ~ ')))', 6
        ) }}
    end
{%- endmacro %}

-- A decimal as a whole number of millionths.
{% macro duckdb__micro(value, type) %}cast(cast({{ value }} as {{ type }}) * 1000000 as hugeint){% endmacro %}

-- A whole number of 10^-scale as a decimal, exactly.
{% macro duckdb__scaled(count, scale) %}
    {%- if scale == 0 -%} cast({{ count }} as decimal(18, 0))
    {%- else -%} cast(cast({{ count }} as decimal(28, 0)) * cast(0.{{ '0' * (scale - 1) }}1 as decimal({{ scale + 1 }}, {{ scale }})) as decimal(18, {{ scale }}))
    {%- endif -%}
{% endmacro %}

-- Half away from zero. A cast to a smaller scale rounds so on both engines; round() of a double does not.
{% macro round_decimal(value, scale=6) %}cast({{ value }} as decimal(18, {{ scale }})){% endmacro %}

-- amount (six decimals) x factor (`places` decimals) with six decimals, exactly and rounded once.
{% macro scaled_amount(amount, factor, places=9) %}
    {{- return(adapter.dispatch('scaled_amount', 'nengtan')(amount, factor, places)) -}}
{% endmacro %}

{% macro default__scaled_amount(amount, factor, places) %}{{ product(amount, 6, factor, places, 6) }}{% endmacro %}

{% macro duckdb__scaled_amount(amount, factor, places) %}
    {%- set short = 'cast(' ~ factor ~ ' as decimal(18, ' ~ [places, 9] | min ~ '))' -%}
    case
        when {{ factor }} = 1 then {{ amount }}
        {%- for below, largest in [('0.01', 90000), ('1', 900), ('1000', 0.9)] %}
        when abs({{ factor }}) < {{ below }} and {{ factor }} = {{ short }} and abs({{ amount }}) < {{ largest }}
            then cast({{ amount }} * {{ short }} as decimal(18, 6))
        {%- endfor %}
        else {{ product(amount, 6, factor, places, 6) }}
    end
{%- endmacro %}

-- What passes in `part` where `amount` (six decimals) passes in `whole`, part and whole being whole numbers and part
-- possibly the larger; NULL where whole is zero. Never more than a decimal(18, 6) holds.
{% macro amount_in(amount, part, whole) -%}
    case when {{ amount }} is not null and ({{ part }}) is not null and ({{ whole }}) <> 0 then
        {{ adapter.dispatch('amount_in', 'nengtan')(amount, part, whole) }}
    end
{%- endmacro %}

{% macro default__amount_in(amount, part, whole) %}
    cast(least(greatest(round(
        cast({{ amount }} as decimal(18, 6)) * cast({{ part }} as decimal(16, 0)) / cast({{ whole }} as decimal(16, 0)), 6
    ), -999999999999), 999999999999) as decimal(18, 6))
{%- endmacro %}

-- The long way divides 128 bits, which costs a hundred times as much; what surely fits into 64 bits takes the short one,
-- whole units first and what remains of them with the millionths.
{% macro duckdb__amount_in(amount, part, whole) %}
    {%- set micro = duckdb__micro(amount, 'decimal(24, 6)') -%}
    {%- set small = 'cast(cast(' ~ amount ~ ' as decimal(18, 6)) * 1000000 as bigint)' -%}
    {%- set units, rest = 'abs(' ~ small ~ ') // 1000000', 'abs(' ~ small ~ ') % 1000000' -%}
    {%- set p, w = 'cast(' ~ part ~ ' as bigint)', 'cast(' ~ whole ~ ' as bigint)' -%}
    case
        when
            {{ part }} between 0 and 999999999999 and {{ whole }} between 1 and 999999999999
            and {{ part }} <= 1000 * ({{ whole }}) and abs({{ amount }}) < 900000
        then
            cast(
                sign({{ small }}) * (
                    {{ units }} * {{ p }} // {{ w }} * 1000000
                    + (2 * ({{ units }} * {{ p }} % {{ w }} * 1000000 + {{ rest }} * {{ p }}) + {{ w }}) // (2 * {{ w }})
                ) as decimal(18, 0)
            ) * cast(0.000001 as decimal(7, 6))
        else {{ duckdb__scaled(
            'least(greatest(sign(' ~ micro ~ ') * ((2 * abs(' ~ micro ~ ') * cast(' ~ part ~ ' as hugeint) + cast(' ~ whole ~ ' as hugeint)) // (2 * cast(' ~ whole ~ ' as hugeint))), -999999999999000000), 999999999999000000)',
            6
        ) }}
    end
{%- endmacro %}

-- A decimal of up to six decimals as a whole number of millionths.
{% macro whole_millionths(value) %}cast(cast({{ value }} as decimal(24, 6)) * 1000000 as decimal(24, 0)){% endmacro %}
