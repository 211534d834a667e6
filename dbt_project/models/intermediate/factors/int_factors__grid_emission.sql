-- CO2 of a kilowatt-hour from the grid, by kind of factor, region and period: the factor of the year as it was first
-- published. Another year, region or publication counts only where a rule of the site adopts it (factor_rules.csv); of
-- two rules the more particular one, then the one adopted later. Where neither holds there is no row. `is_fallback`: another
-- year or region.
-- Clause: mee.average_factor
with
    adopted as (

        select
            published.factor_id,
            published.factor_type,
            published.family,
            published.region as from_region,
            case when rules.from_region is null then published.region else rules.region end as region,
            published.data_year,
            published.published_on,
            published.publication,
            published.factor,
            published.factor_unit,
            published.confidence,
            published.year_from,
            published.year_to,
            case
                when rules.data_year is null
                then greatest({{ open_from("rules.valid_from") }}, published.year_from)
                else {{ open_from("rules.valid_from") }}
            end as rule_from,
            case
                when rules.data_year is null
                then least({{ open_to("rules.valid_to") }}, published.year_to)
                else {{ open_to("rules.valid_to") }}
            end as rule_to,
            {{ open_from("rules.adopted_on") }} as adopted_on,
            case when rules.region is null then 0 else 2 end + case when rules.factor_type is null then 0 else 1 end as particular
        from {{ source("accounting", "factor_rules_grid") }} as rules
        inner join
            {{ ref("int_factors__grid_published") }} as published
            on coalesce(rules.from_region, rules.region, published.region) = published.region
            and coalesce(rules.factor_type, published.factor_type) = published.factor_type
            and coalesce(rules.data_year, published.data_year) = published.data_year
            and (rules.published_on = published.published_on or (rules.published_on is null and published.publication = 1))

        union all

        select
            factor_id,
            factor_type,
            family,
            region as from_region,
            region,
            data_year,
            published_on,
            publication,
            factor,
            factor_unit,
            confidence,
            year_from,
            year_to,
            year_from as rule_from,
            year_to as rule_to,
            cast(null as date) as adopted_on,
            -1 as particular
        from {{ ref("int_factors__grid_published") }}
        where publication = 1

    ),

    parts as ({{ in_and_beside_the_year("adopted") }}),

    candidates as (select * from parts where valid_from < valid_to),

    {{
        in_force(
            "candidates",
            ["family", "region"],
            "candidate.particular desc, candidate.adopted_on desc, candidate.factor_id",
        )
    }}

select
    factor_type,
    region,
    begins_on as valid_from,
    ends_on as valid_to,
    factor_id,
    data_year,
    published_on,
    factor,
    factor_unit,
    confidence,
    case
        when from_region <> region
        then 'other_region'
        when data_year is null
        then 'without_year'
        when part <> 'within'
        then 'other_year'
        when publication > 1
        then 'adopted'
        else 'factor_of_the_year'
    end as vintage_rule,
    from_region <> region or part <> 'within' as is_fallback
from ranked
where place = 1
