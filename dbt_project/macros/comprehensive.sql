-- The years of a mart of comprehensive energy: the sum of its months, whose number is told. A common table expression's
-- body; `keys` name whose years they are.
{% macro years_of_comprehensive_energy(months, keys) %}
    select
        {{ keys | join(", ") }},
        cast(extract(year from month) as integer) as year,
        count(*) as months_count,
        {%- for measure in ["input", "output", "feedstock", "renewable", "comprehensive_energy", "recalled"] %}
            {%- for convention in ["calorific", "equivalent"] %}
                sum({{ measure }}_tce_{{ convention }}) as {{ measure }}_tce_{{ convention }},
            {%- endfor %}
        {%- endfor %}
        sum(cost_cny) as cost_cny,
        max(without_coefficient_count) as without_coefficient_count
    from {{ months }}
    group by {{ keys | join(", ") }}, cast(extract(year from month) as integer)
{%- endmacro %}

-- The columns of such years, beside whose they are.
{% macro comprehensive_energy_columns() %}
    {%- for measure in ["input", "output", "feedstock", "renewable", "comprehensive_energy"] %}
        {%- for convention in ["calorific", "equivalent"] %}
            cast(years.{{ measure }}_tce_{{ convention }} as decimal(18, 6)) as {{ measure }}_tce_{{ convention }},
        {%- endfor %}
    {%- endfor %}
    {%- for convention in ["calorific", "equivalent"] %}
        cast(years.recalled_tce_{{ convention }} as decimal(18, 6)) as recalled_tce_{{ convention }},
        cast(
            {{ confidence_of("years.recalled_tce_" ~ convention, "years.input_tce_" ~ convention) }} as string
        ) as {{ convention }}_confidence,
    {%- endfor %}
    cast(years.cost_cny as decimal(18, 6)) as cost_cny,
    cast(years.months_count as integer) as months_count,
    cast(years.without_coefficient_count as integer) as without_coefficient_count
{%- endmacro %}
