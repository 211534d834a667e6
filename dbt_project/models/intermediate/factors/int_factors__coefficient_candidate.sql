-- Every coefficient that could count for a carrier in a period, with its precedence (1 first): what the site adopted
-- itself; standard coal from the site's own heat content (GJ x the printed value of heat); a printed set that a rule of
-- the site adopts; the edition of the standard; a set that a rule lets stand in where the edition prints nothing.
-- Electricity has an equivalent value of its own; for any other carrier the equivalent value is the calorific one.
-- Clause: gbt_2589.coefficients
with
    printed as (

        select
            edition.carrier,
            case when rules.use = 'adopt' then 3 else 6 end + case when rules.carrier is null then 1 else 0 end as precedence,
            edition.gj_per_unit,
            edition.tce_per_unit,
            edition.factor_id,
            edition.rule,
            edition.confidence,
            rules.use = 'fall_back' as is_fallback,
            {{ open_from("rules.adopted_on") }} as adopted_on,
            {{ open_from("rules.valid_from") }} as valid_from,
            {{ open_to("rules.valid_to") }} as valid_to
        from {{ source("accounting", "factor_rules_coal_equivalent") }} as rules
        inner join
            {{ ref("int_factors__edition_coefficient") }} as edition
            on rules.factor_set = edition.factor_set
            and coalesce(rules.carrier, edition.carrier) = edition.carrier

        union all

        select
            carrier,
            5 as precedence,
            gj_per_unit,
            tce_per_unit,
            factor_id,
            rule,
            confidence,
            false as is_fallback,
            date '0001-01-01' as adopted_on,
            valid_from,
            valid_to
        from {{ ref("int_factors__edition_coefficient") }}
        where is_default

    ),

    own as (

        select carrier, property, value, factor_id, confidence, date '0001-01-01' as adopted_on, valid_from, valid_to
        from {{ ref("int_factors__own_coefficient") }}

    ),

    calorific as (

        select
            carrier,
            1 as precedence,
            value,
            factor_id,
            'own' as rule,
            confidence,
            false as is_fallback,
            adopted_on,
            valid_from,
            valid_to
        from own
        where property = 'tce_calorific_per_unit'

        union all

        select
            own.carrier,
            2 as precedence,
            {{ product("own.value", 10, "heat.tce_per_unit", 10, 12) }} as value,
            own.factor_id,
            'own_heat' as rule,
            own.confidence,
            false as is_fallback,
            own.adopted_on,
            greatest(own.valid_from, heat.valid_from) as valid_from,
            least(own.valid_to, heat.valid_to) as valid_to
        from own
        inner join
            {{ ref("int_factors__edition_coefficient") }} as heat
            on heat.carrier = 'heat'
            and heat.is_default
            and own.valid_from < heat.valid_to
            and heat.valid_from < own.valid_to
        where own.property = 'gj_per_unit'

        union all

        select
            carrier, precedence, tce_per_unit as value, factor_id, rule, confidence, is_fallback, adopted_on, valid_from, valid_to
        from printed

    )

select
    carrier, 'calorific' as measure, precedence, value, factor_id, rule, confidence, is_fallback, adopted_on, valid_from, valid_to
from calorific

union all

select
    calorific.carrier,
    'equivalent' as measure,
    calorific.precedence + 10 as precedence,
    calorific.value,
    calorific.factor_id,
    'same_as_calorific' as rule,
    calorific.confidence,
    calorific.is_fallback,
    calorific.adopted_on,
    calorific.valid_from,
    calorific.valid_to
from calorific
inner join {{ source("factors", "carriers") }} as carriers on calorific.carrier = carriers.carrier
where carriers.family <> 'electricity'

union all

select
    carriers.carrier,
    'equivalent' as measure,
    3 as precedence,
    power.tce_per_kwh as value,
    power.factor_id,
    power.rule,
    power.confidence,
    power.is_fallback,
    date '0001-01-01' as adopted_on,
    power.valid_from,
    power.valid_to
from {{ ref("int_factors__electricity_equivalent") }} as power
cross join {{ source("factors", "carriers") }} as carriers
where carriers.family = 'electricity'

union all

select
    carrier,
    case when property = 'gj_per_unit' then 'heat' else 'equivalent' end as measure,
    1 as precedence,
    value,
    factor_id,
    'own' as rule,
    confidence,
    false as is_fallback,
    adopted_on,
    valid_from,
    valid_to
from own
where property in ('gj_per_unit', 'tce_equivalent_per_unit')

union all

select
    carrier,
    'heat' as measure,
    precedence,
    gj_per_unit as value,
    factor_id,
    rule,
    confidence,
    is_fallback,
    adopted_on,
    valid_from,
    valid_to
from printed
