-- Factors: ids and sets that the site may choose, and sentences that stand in for a missing number.
-- The factor set that site.yaml names for a subject, as a literal; the default where it names none.
{% macro factor_set(subject, default) %}
    {{- return("'" ~ (var("factor_sets") or {}).get(subject, default) | replace("'", "''") ~ "'") -}}
{% endmacro %}

{% macro has_factor_set(subject) %} {{ return(subject in (var("factor_sets") or {})) }}{% endmacro %}

-- The first and last day of a series of validity; open ends are days beyond every reading.
{% macro open_from(day) %} coalesce({{ day }}, date '0001-01-01'){% endmacro %}

{% macro open_to(day) %} coalesce({{ day }}, date '9999-12-31'){% endmacro %}

-- The calendar day one year before.
{% macro year_before(day) %} cast({{ day }} - interval '1' year as date){% endmacro %}

-- An exact product of two decimals: the first of at most 20 digits, the second of 17, so that neither engine overflows
-- or drops digits (DuckDB keeps the product of two short decimals in 18 digits, Spark cuts the scale beyond 38).
{% macro product(one, one_scale, other, other_scale, scale) -%}
    cast(
        cast({{ one }} as decimal(20, {{ one_scale }}))
        * cast({{ other }} as decimal(17, {{ other_scale }})) as decimal(18, {{ scale }})
    )
{%- endmacro %}
