-- Every coefficient that could count for a carrier in a period, with its precedence (1 first): what the site adopted
-- itself, standard coal from the site's own heat content (GJ x the printed value of heat), what the standard prints.
-- Electricity has an equivalent value of its own; for any other carrier the equivalent value is the calorific one.
-- Clause: gbt_2589.coefficients
with
    calorific as (

        select carrier, 1 as precedence, value, factor_id, 'own' as rule, confidence, valid_from, valid_to
        from {{ ref("int_factors__own_coefficient") }}
        where property = 'tce_calorific_per_unit'

        union all

        select
            own.carrier,
            2 as precedence,
            {{ product("own.value", 10, "heat.tce_per_unit", 10, 12) }} as value,
            own.factor_id,
            'own_heat' as rule,
            own.confidence,
            greatest(own.valid_from, heat.valid_from) as valid_from,
            least(own.valid_to, heat.valid_to) as valid_to
        from {{ ref("int_factors__own_coefficient") }} as own
        inner join
            {{ ref("int_factors__edition_coefficient") }} as heat
            on heat.carrier = 'heat'
            and own.valid_from < heat.valid_to
            and heat.valid_from < own.valid_to
        where own.property = 'gj_per_unit'

        union all

        select carrier, 3 as precedence, tce_per_unit as value, factor_id, rule, confidence, valid_from, valid_to
        from {{ ref("int_factors__edition_coefficient") }}

    )

select carrier, 'calorific' as measure, precedence, value, factor_id, rule, confidence, valid_from, valid_to
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
    valid_from,
    valid_to
from {{ ref("int_factors__own_coefficient") }}
where property in ('gj_per_unit', 'tce_equivalent_per_unit')

union all

select carrier, 'heat' as measure, 3 as precedence, gj_per_unit as value, factor_id, rule, confidence, valid_from, valid_to
from {{ ref("int_factors__edition_coefficient") }}
