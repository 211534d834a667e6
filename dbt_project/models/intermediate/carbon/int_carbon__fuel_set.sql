-- Which factor set a fuel of an organisation uses in a month. First a row of the site's factor_rules.csv (the more
-- particular first); then, for the statutory account, the set of the organisation's guideline, for the others the set
-- that site.yaml names; then the other of the two; then the ministry's set. Nothing is taken from a set not chosen.
-- Clause: gbt_32150.factor_choice
with
    burnt as (select distinct month, organization_id, carrier from {{ ref("int_carbon__metered_activity") }}),

    purposes as (

        select 'all' as basis
        union all
        select 'statutory' as basis

    ),

    candidates as (

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            purposes.basis,
            rules.factor_set,
            'rule' as choice_rule,
            case when rules.organization_id is null then 2 else 0 end
            + case when rules.carrier is null then 1 else 0 end as precedence
        from burnt
        cross join purposes
        inner join
            {{ source("accounting", "factor_rules") }} as rules
            on rules.kind = 'fuel'
            and (rules.organization_id is null or rules.organization_id = burnt.organization_id)
            and (rules.carrier is null or rules.carrier = burnt.carrier)
            and burnt.month >= {{ open_from("rules.valid_from") }}
            and burnt.month < {{ open_to("rules.valid_to") }}

        union all

        select
            burnt.month,
            burnt.organization_id,
            burnt.carrier,
            purposes.basis,
            emitters.guideline_fuel_set as factor_set,
            'guideline' as choice_rule,
            case when purposes.basis = 'statutory' then 10 else 12 end as precedence
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
                11 as precedence
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
            20 as precedence
        from burnt
        cross join purposes

    ),

    ranked as (

        select *, row_number() over (partition by month, organization_id, carrier, basis order by precedence, factor_set) as place
        from candidates

    )

select month, organization_id, carrier, basis, factor_set, choice_rule
from ranked
where place = 1
