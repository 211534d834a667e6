-- The equivalent value of a kilowatt-hour by period: the national coal consumption of power of the year. Another year's
-- figure counts only where a rule of the site adopts it (factor_rules.csv), and the row says so; else there is none.
-- Supply-side figures stand in for the generation-side ones that the standard names, so they count as recalled.
-- Clause: gbt_2589.electricity_equivalent
{% set side = "electricity_generation_coal" if var("equivalent_basis") == "generation_side" else "electricity_supply_coal" %}
with
    figures as (

        select
            factor_id,
            energy_key,
            data_year,
            published_on,
            {{ product("kgce_per_unit_max", 10, "0.001", 3, 12) }} as tce_per_kwh,
            case when energy_key = 'electricity_generation_coal' then confidence else 'recalled' end as confidence,
            valid_from as year_from,
            valid_to as year_to
        from {{ source("factors", "factor_coal_equivalent") }}
        where
            category = 'electricity_coal_equivalent'
            and energy_key = {{ factor_set("electricity_equivalent", side) }}
            and data_year is not null

    ),

    adopted as (

        select
            figures.*,
            {{ open_from("rules.valid_from") }} as rule_from,
            {{ open_to("rules.valid_to") }} as rule_to,
            {{ open_from("rules.adopted_on") }} as adopted_on,
            1 as precedence
        from {{ source("accounting", "factor_rules_electricity_equivalent") }} as rules
        inner join
            figures
            on rules.data_year = figures.data_year
            and coalesce(rules.published_on, figures.published_on, date '0001-01-01') = {{ open_from("figures.published_on") }}

        union all

        select figures.*, year_from as rule_from, year_to as rule_to, cast(null as date) as adopted_on, 2 as precedence
        from figures

    ),

    parts as ({{ in_and_beside_the_year("adopted") }}),

    candidates as (select * from parts where valid_from < valid_to),

    {{
        in_force(
            "candidates",
            ["energy_key"],
            "candidate.precedence, candidate.adopted_on desc, "
            ~ open_from("candidate.published_on")
            ~ ", candidate.factor_id",
        )
    }}

select
    factor_id,
    data_year,
    tce_per_kwh,
    case when part = 'within' then 'figure_of_the_year' else 'other_year' end as rule,
    part <> 'within' as is_fallback,
    confidence,
    begins_on as valid_from,
    ends_on as valid_to
from ranked
where place = 1
