{{ config(order_by=["organization_id", "year"]) }}
-- Comprehensive energy consumption of each organisation and year: the sum of its months, whose number is told. The year
-- before counts for comparison only where it holds as many months.
-- Clause: gbt_2589.comprehensive_energy
with
    years as (

        select
            organization_id,
            cast(extract(year from month) as integer) as year,
            count(*) as months_count,
            {%- for measure in ["input", "output", "feedstock", "renewable", "comprehensive_energy", "recalled"] %}
                {%- for convention in ["calorific", "equivalent"] %}
                    sum({{ measure }}_tce_{{ convention }}) as {{ measure }}_tce_{{ convention }},
                {%- endfor %}
            {%- endfor %}
            sum(cost_cny) as cost_cny,
            max(without_coefficient_count) as without_coefficient_count
        from {{ ref("comprehensive_monthly") }}
        group by organization_id, cast(extract(year from month) as integer)

    )

select
    cast(years.year as integer) as year,
    cast(years.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    {%- for measure in ["input", "output", "feedstock", "renewable", "comprehensive_energy"] %}
        {%- for convention in ["calorific", "equivalent"] %}
            cast(years.{{ measure }}_tce_{{ convention }} as decimal(18, 6)) as {{ measure }}_tce_{{ convention }},
        {%- endfor %}
    {%- endfor %}
    {%- for convention in ["calorific", "equivalent"] %}
        cast(
            before.comprehensive_energy_tce_{{ convention }} as decimal(18, 6)
        ) as comprehensive_energy_previous_year_tce_{{ convention }},
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
from years
inner join {{ ref("stg_site__organization") }} as organizations on years.organization_id = organizations.organization_id
left join
    years as before
    on years.organization_id = before.organization_id
    and years.year - 1 = before.year
    and years.months_count = before.months_count
