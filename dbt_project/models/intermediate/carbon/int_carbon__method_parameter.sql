-- What each parameter of a method's term is for an organisation in a month: what the plant measured, else the row of the
-- library, else the number of the method itself. A percentage is taken as a ratio; some count as one minus their value.
-- Clause: gbt_32150.factor_choice
with
    printed as (

        select
            factor_id,
            category as factor_set,
            case
                when factor_unit = 'percent' then {{ product("factor", 10, "0.01", 2, 12) }} else cast(factor as decimal(18, 9))
            end as value,
            factor_unit,
            confidence
        from {{ source("factors", "factor_heat_process") }}

        union all

        select factor_id, factor_set, cast(factor as decimal(18, 9)) as value, factor_unit, confidence
        from {{ source("factors", "factor_fuel") }}
        where gas <> 'CO2' and factor is not null

    ),

    wanted as (

        select distinct
            activity.organization_id,
            activity.month,
            terms.term_id,
            terms.item,
            parameters.place,
            parameters.property,
            parameters.factor_id,
            parameters.fixed,
            parameters.is_complement
        from {{ ref("int_carbon__material_activity") }} as activity
        inner join {{ source("factors", "method_terms") }} as terms on activity.item = terms.item and activity.side = terms.side
        inner join {{ source("factors", "method_parameters") }} as parameters on terms.term_id = parameters.term_id

    ),

    found as (

        select
            wanted.organization_id,
            wanted.month,
            wanted.term_id,
            wanted.place,
            wanted.is_complement,
            coalesce(measured.value, printed.value, cast(wanted.fixed as decimal(18, 9))) as value,
            case when measured.value is null then printed.factor_id else measured.factor_id end as factor_id,
            case when measured.value is null then printed.factor_set else measured.rule end as factor_set,
            case
                when measured.value is not null then 'measured' when printed.value is not null then 'default' else 'method'
            end as rule,
            case when measured.value is null then printed.confidence else measured.confidence end as confidence
        from wanted
        left join printed on wanted.factor_id = printed.factor_id
        left join
            {{ ref("int_factors__measured") }} as measured
            on wanted.organization_id = measured.organization_id
            and wanted.item = measured.carrier
            and wanted.property = measured.property
            and wanted.month >= measured.valid_from
            and wanted.month < measured.valid_to

    )

select
    organization_id,
    month,
    term_id,
    place,
    cast(case when is_complement then 1 - value else value end as decimal(18, 9)) as value,
    factor_id,
    factor_set,
    rule,
    confidence
from found
