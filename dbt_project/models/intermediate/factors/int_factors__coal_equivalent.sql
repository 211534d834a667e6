-- What one unit of a carrier is in GJ and in standard coal, by period and in both conventions, with the row it comes
-- from. A period ends wherever one of the three changes. Without a coefficient the value is NULL and the row says why.
-- Clause: gbt_2589.coefficients
with
    cuts as (

        select carrier, date '0001-01-01' as cut_on
        from {{ source("factors", "carriers") }}

        union

        select carrier, valid_from as cut_on
        from {{ ref("int_factors__coefficient_candidate") }}

        union

        select carrier, valid_to as cut_on
        from {{ ref("int_factors__coefficient_candidate") }}

    ),

    periods as (

        select carrier, cut_on as valid_from, lead(cut_on) over (partition by carrier order by cut_on) as valid_to from cuts

    ),

    ranked as (

        select
            periods.carrier,
            periods.valid_from,
            candidate.measure,
            candidate.value,
            candidate.factor_id,
            candidate.rule,
            candidate.confidence,
            candidate.is_fallback,
            row_number() over (
                partition by periods.carrier, periods.valid_from, candidate.measure
                order by
                    case when candidate.value is null then 1 else 0 end,
                    candidate.precedence,
                    candidate.adopted_on desc,
                    candidate.factor_id
            ) as choice
        from periods
        inner join
            {{ ref("int_factors__coefficient_candidate") }} as candidate
            on periods.carrier = candidate.carrier
            and periods.valid_from >= candidate.valid_from
            and periods.valid_from < candidate.valid_to

    ),

    chosen as (

        select
            carrier,
            valid_from,
            max(case when measure = 'heat' then value end) as gj_per_unit,
            max(case when measure = 'calorific' then value end) as tce_calorific_per_unit,
            max(case when measure = 'calorific' then factor_id end) as calorific_factor_id,
            max(case when measure = 'calorific' then rule end) as calorific_rule,
            max(case when measure = 'calorific' then confidence end) as calorific_confidence,
            coalesce(max(case when measure = 'calorific' and is_fallback then 1 end), 0) = 1 as calorific_is_fallback,
            max(case when measure = 'equivalent' then value end) as tce_equivalent_per_unit,
            max(case when measure = 'equivalent' then factor_id end) as equivalent_factor_id,
            max(case when measure = 'equivalent' then rule end) as equivalent_rule,
            max(case when measure = 'equivalent' then confidence end) as equivalent_confidence,
            coalesce(max(case when measure = 'equivalent' and is_fallback then 1 end), 0) = 1 as equivalent_is_fallback
        from ranked
        where choice = 1
        group by carrier, valid_from

    )

select
    periods.carrier,
    carriers.unit,
    periods.valid_from,
    coalesce(periods.valid_to, date '9999-12-31') as valid_to,
    cast(chosen.gj_per_unit as decimal(18, 12)) as gj_per_unit,
    cast(chosen.tce_calorific_per_unit as decimal(18, 12)) as tce_calorific_per_unit,
    cast(chosen.tce_equivalent_per_unit as decimal(18, 12)) as tce_equivalent_per_unit,
    chosen.calorific_factor_id as factor_id,
    chosen.calorific_rule as coefficient_rule,
    chosen.calorific_confidence as confidence,
    chosen.equivalent_factor_id,
    chosen.equivalent_rule,
    chosen.equivalent_confidence,
    chosen.calorific_is_fallback as is_fallback,
    chosen.equivalent_is_fallback,
    case
        when chosen.tce_calorific_per_unit is not null
        then null
        when carriers.null_reason is not null
        then carriers.null_reason
        when chosen.calorific_factor_id is null
        then 'no_coefficient_in_force'
        else 'no_coefficient'
    end as null_reason
from periods
inner join {{ source("factors", "carriers") }} as carriers on periods.carrier = carriers.carrier
left join chosen on periods.carrier = chosen.carrier and periods.valid_from = chosen.valid_from
where periods.valid_from < coalesce(periods.valid_to, date '9999-12-31')
