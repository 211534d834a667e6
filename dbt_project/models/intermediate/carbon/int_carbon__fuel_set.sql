-- Which factor set a fuel of an organisation uses in a month. First a row of the site's factor_rules.csv (the more
-- particular first); then, for the statutory account, the set of the organisation's guideline, for the others the set
-- that site.yaml names; then the other of the two; then the ministry's set. Nothing is taken from a set not chosen: a
-- fuel that it lacks is taken from another one only where a rule says `fall_back`.
-- Clause: gbt_32150.factor_choice
{% set site_set = factor_set("fuel", "") if has_factor_set("fuel") else "cast(null as string)" %}
with
    burnt as (

        select distinct activity.month, activity.organization_id, activity.carrier
        from {{ ref("int_carbon__metered_activity") }} as activity
        inner join {{ source("factors", "carriers") }} as carriers on activity.carrier = carriers.carrier
        where activity.use_type <> 'fuel' or carriers.guide_group in ('coal', 'coke', 'oil', 'gas', 'new_fuel', 'biomass')

    ),

    purposes as (

        select 'all' as basis
        union all
        select 'statutory' as basis

    ),

    -- the rules that speak of an organisation's fuel in a month, the best of each use first
    rules as (

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            rules.use,
            rules.factor_set,
            row_number() over (
                partition by burnt.month, burnt.organization_id, burnt.carrier, rules.use
                order by
                    case when rules.organization_id is null then 2 else 0 end + case when rules.carrier is null then 1 else 0 end,
                    {{ open_from("rules.adopted_on") }} desc,
                    rules.factor_set
            ) as place
        from burnt
        inner join
            {{ source("accounting", "factor_rules_fuel") }} as rules
            on coalesce(rules.organization_id, burnt.organization_id) = burnt.organization_id
            and coalesce(rules.carrier, burnt.carrier) = burnt.carrier
            and burnt.month >= {{ open_from("rules.valid_from") }}
            and burnt.month < {{ open_to("rules.valid_to") }}
        left join
            {{ ref("int_factors__fuel_emission") }} as factor
            on burnt.carrier = factor.carrier
            and rules.factor_set = factor.factor_set
        where rules.use = 'adopt' or factor.factor_set is not null

    ),

    chosen as (

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            purposes.basis,
            coalesce(
                adopted.factor_set,
                case when purposes.basis = 'statutory' then emitters.guideline_fuel_set end,
                {{ site_set }},
                emitters.guideline_fuel_set,
                'MEE_2022_2024_guides'
            ) as factor_set,
            case
                when adopted.factor_set is not null
                then 'rule'
                when purposes.basis = 'statutory' and emitters.guideline_fuel_set is not null
                then 'guideline'
                when {{ site_set }} is not null
                then 'site'
                when emitters.guideline_fuel_set is not null
                then 'guideline'
                else 'default'
            end as choice_rule
        from burnt
        cross join purposes
        inner join {{ ref("int_carbon__organization") }} as emitters on burnt.organization_id = emitters.organization_id
        left join
            rules as adopted
            on burnt.month = adopted.month
            and burnt.organization_id = adopted.organization_id
            and burnt.carrier = adopted.carrier
            and adopted.use = 'adopt'
            and adopted.place = 1

    )

select
    chosen.month,
    chosen.organization_id,
    chosen.carrier,
    chosen.basis,
    case
        when factor.factor_id is null then coalesce(standing_in.factor_set, chosen.factor_set) else chosen.factor_set
    end as factor_set,
    case
        when factor.factor_id is null and standing_in.factor_set is not null then 'fall_back' else chosen.choice_rule
    end as choice_rule,
    factor.factor_id is null and standing_in.factor_set is not null as is_fallback
from chosen
left join
    {{ ref("int_factors__fuel_emission") }} as factor on chosen.carrier = factor.carrier and chosen.factor_set = factor.factor_set
left join
    rules as standing_in
    on chosen.month = standing_in.month
    and chosen.organization_id = standing_in.organization_id
    and chosen.carrier = standing_in.carrier
    and standing_in.use = 'fall_back'
    and standing_in.place = 1
