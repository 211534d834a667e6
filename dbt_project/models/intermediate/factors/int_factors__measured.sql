-- What holds of a carrier or material instead of a default, one row per organisation, carrier, property and period:
-- the mean of the month's approved samples, weighed by batch where every batch has a size; else the site's own factor;
-- else, where the guideline punishes a missing measurement, its penal default. A row for one organisation beats a row
-- for all.
-- Clause: mee.measured_precedence
with
    emitters as (

        select organizations.organization_id, sets.penal_fuel_key
        from {{ source("site", "organizations") }} as organizations
        left join {{ source("factors", "guideline_sets") }} as sets on organizations.guideline = sets.guideline

    ),

    batches as (

        select
            emitters.organization_id,
            samples.carrier,
            samples.property,
            samples.month,
            case when samples.organization_id is null then 2 else 1 end as precedence,
            samples.quantity,
            cast(samples.value * 1000000 as decimal(18, 3)) as millionths
        from {{ source("accounting", "lab_values") }} as samples
        inner join emitters on coalesce(samples.organization_id, emitters.organization_id) = emitters.organization_id
        where samples.is_approved and samples.value is not null

    ),

    monthly as (

        select
            organization_id,
            carrier,
            property,
            month,
            precedence,
            case
                when count(quantity) = count(*)
                then
                    {{
                        divide_decimal(
                            "sum(cast(millionths as decimal(20, 3)) * cast(quantity as decimal(17, 6)))", "sum(quantity)", 6
                        )
                    }}
                else {{ divide_decimal("sum(millionths)", "count(*)", 6) }}
            end as millionths
        from batches
        group by organization_id, carrier, property, month, precedence

    ),

    own as (

        select organization_id, carrier, property, value, factor_id, confidence, valid_from, valid_to
        from {{ source("accounting", "factors_measured") }}

        union all

        select cast(null as string) as organization_id, carrier, property, value, factor_id, confidence, valid_from, valid_to
        from {{ ref("int_factors__own_coefficient") }}
        where property = 'gj_per_unit'

    ),

    candidates as (

        select
            organization_id,
            carrier,
            property,
            cast(millionths * cast(0.000001 as decimal(7, 6)) as decimal(18, 9)) as value,
            'lab-'
            || organization_id
            || '-'
            || carrier
            || '-'
            || property
            || '-'
            || substr(cast(month as string), 1, 7) as factor_id,
            'measured' as confidence,
            'lab' as rule,
            precedence,
            month as valid_from,
            cast(month + interval '1' month as date) as valid_to
        from monthly

        union all

        select
            emitters.organization_id,
            own.carrier,
            own.property,
            cast(own.value as decimal(18, 9)) as value,
            own.factor_id,
            own.confidence,
            'own' as rule,
            case when own.organization_id is null then 4 else 3 end as precedence,
            {{ open_from("own.valid_from") }} as valid_from,
            {{ open_to("own.valid_to") }} as valid_to
        from own
        inner join emitters on coalesce(own.organization_id, emitters.organization_id) = emitters.organization_id
        where own.carrier is not null

        union all

        select
            emitters.organization_id,
            carriers.carrier,
            'carbon_content_tc_per_gj' as property,
            cast(penal.carbon_content_tc_per_gj as decimal(18, 9)) as value,
            penal.factor_id,
            penal.confidence,
            'penal_default' as rule,
            9 as precedence,
            date '0001-01-01' as valid_from,
            date '9999-12-31' as valid_to
        from emitters
        inner join {{ source("factors", "factor_fuel") }} as penal on emitters.penal_fuel_key = penal.fuel_key
        inner join {{ source("factors", "carriers") }} as carriers on carriers.guide_group = 'coal'

    ),

    {{ in_force("candidates", ["organization_id", "carrier", "property"], "candidate.precedence, candidate.factor_id") }}

select organization_id, carrier, property, value, begins_on as valid_from, ends_on as valid_to, factor_id, confidence, rule
from ranked
where place = 1
