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

-- CTEs that cut time wherever a row of `candidates` (valid_from, valid_to, never NULL) begins or ends and rank, within
-- each stretch [begins_on, ends_on) of the same `keys`, the rows that hold there: the best has place 1.
{% macro in_force(candidates, keys, order) -%}
    cut as (

        select {{ keys | join(", ") }}, valid_from as cut_on
        from {{ candidates }}

        union

        select {{ keys | join(", ") }}, valid_to as cut_on
        from {{ candidates }}

    ),

    stretch as (

        select
            {{ keys | join(", ") }},
            cut_on as begins_on,
            lead(cut_on) over (partition by {{ keys | join(", ") }} order by cut_on) as ends_on
        from cut

    ),

    ranked as (

        select
            candidate.*,
            stretch.begins_on,
            stretch.ends_on,
            row_number() over (
                partition by {% for key in keys %} stretch.{{ key }}, {% endfor %} stretch.begins_on order by {{ order }}
            ) as place
        from stretch
        inner join
            {{ candidates }} as candidate
            on {% for key in keys %} stretch.{{ key }} = candidate.{{ key }} and {% endfor %} stretch.begins_on
            >= candidate.valid_from
            and stretch.begins_on < candidate.valid_to

    )
{%- endmacro %}

-- The figures of a year (`figures`: valid_from, valid_to) that rules (rule_from, rule_to) put in force, cut into what
-- lies in the figure's own year and what lies before or after it, where the figure stands in for a missing one.
{% macro in_and_beside_the_year(figures) -%}
    {% for part in ["within", "before", "after"] -%}
        select
            {{ figures }}.*,
            '{{ part }}' as part,
            {% if part == "within" %} greatest(rule_from, year_from)
            {% elif part == "before" %} rule_from
            {%- else %} greatest(rule_from, year_to)
            {% endif %} as valid_from,
            {% if part == "within" %} least(rule_to, year_to)
            {% elif part == "before" %} least(rule_to, year_from)
            {%- else %} rule_to
            {% endif %} as valid_to
        from {{ figures }} {{ "union all" if not loop.last }}
    {% endfor %}
{%- endmacro %}

-- The confidence of a sum: recalled as soon as a part of it rests on a recalled row; none where there is no number.
{% macro confidence_of(recalled, number) -%}
    case when {{ recalled }} > 0 then 'recalled' when {{ number }} is not null then 'verified' end
{%- endmacro %}

-- An exact product of two decimals: the first of at most 20 digits, the second of 17, so that neither engine overflows
-- or drops digits (DuckDB keeps the product of two short decimals in 18 digits, Spark cuts the scale beyond 38).
{% macro product(one, one_scale, other, other_scale, scale) -%}
    cast(
        cast({{ one }} as decimal(20, {{ one_scale }}))
        * cast({{ other }} as decimal(17, {{ other_scale }})) as decimal(18, {{ scale }})
    )
{%- endmacro %}
