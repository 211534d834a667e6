-- Which factor set a fuel of an organisation uses in a month. First a row of the site's factor_rules.csv (the more
-- particular first); then, for the statutory account, the set of the organisation's guideline, for the others the set
-- that site.yaml names; then the other of the two; then the ministry's set. Nothing is taken from a set not chosen: a
-- fuel that it lacks is taken from another one only where a rule says `fall_back`.
-- Clause: gbt_32150.factor_choice
with
    burnt as (select distinct month, organization_id, carrier from {{ ref("int_carbon__metered_activity") }}),

    purposes as (

        select 'all' as basis
        union all
        select 'statutory' as basis

    ),

    rules as (

        select
            use,
            organization_id,
            carrier,
            factor_set,
            case when organization_id is null then 2 else 0 end + case when carrier is null then 1 else 0 end as precedence,
            {{ open_from("adopted_on") }} as adopted_on,
            {{ open_from("valid_from") }} as valid_from,
            {{ open_to("valid_to") }} as valid_to
        from {{ source("accounting", "factor_rules_fuel") }}

    ),

    candidates as (

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            purposes.basis,
            rules.factor_set,
            'rule' as choice_rule,
            rules.precedence,
            rules.adopted_on
        from burnt
        cross join purposes
        inner join
            rules
            on rules.use = 'adopt'
            and coalesce(rules.organization_id, burnt.organization_id) = burnt.organization_id
            and coalesce(rules.carrier, burnt.carrier) = burnt.carrier
            and burnt.month >= rules.valid_from
            and burnt.month < rules.valid_to

        union all

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            purposes.basis,
            emitters.guideline_fuel_set as factor_set,
            'guideline' as choice_rule,
            case when purposes.basis = 'statutory' then 10 else 12 end as precedence,
            date '0001-01-01' as adopted_on
        from burnt
        cross join purposes
        inner join {{ ref("int_carbon__organization") }} as emitters on burnt.organization_id = emitters.organization_id
        where emitters.guideline_fuel_set is not null
        {% if has_factor_set("fuel") %}
            union all

            select
                burnt.month,
                burnt.organization_id,
                burnt.carrier,
                purposes.basis,
                {{ factor_set("fuel", "") }} as factor_set,
                'site' as choice_rule,
                11 as precedence,
                date '0001-01-01' as adopted_on
            from burnt
            cross join purposes
        {% endif %}
        union all

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            purposes.basis,
            'MEE_2022_2024_guides' as factor_set,
            'default' as choice_rule,
            20 as precedence,
            date '0001-01-01' as adopted_on
        from burnt
        cross join purposes

    ),

    ranked as (

        select
            *,
            row_number() over (
                partition by month, organization_id, carrier, basis order by precedence, adopted_on desc, factor_set
            ) as place
        from candidates

    ),

    standing_in as (

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            rules.factor_set,
            row_number() over (
                partition by burnt.month, burnt.organization_id, burnt.carrier
                order by rules.precedence, rules.adopted_on desc, rules.factor_set
            ) as place
        from burnt
        inner join
            rules
            on rules.use = 'fall_back'
            and coalesce(rules.organization_id, burnt.organization_id) = burnt.organization_id
            and coalesce(rules.carrier, burnt.carrier) = burnt.carrier
            and burnt.month >= rules.valid_from
            and burnt.month < rules.valid_to
        inner join
            {{ ref("int_factors__fuel_emission") }} as factor
            on burnt.carrier = factor.carrier
            and rules.factor_set = factor.factor_set

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
from ranked as chosen
left join
    {{ ref("int_factors__fuel_emission") }} as factor on chosen.carrier = factor.carrier and chosen.factor_set = factor.factor_set
left join
    standing_in
    on chosen.month = standing_in.month
    and chosen.organization_id = standing_in.organization_id
    and chosen.carrier = standing_in.carrier
    and standing_in.place = 1
where chosen.place = 1
