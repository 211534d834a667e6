-- Every line of an organisation, valued, and for each park above it the sum of its members' lines: mass of the gas =
-- activity x factor, CO2 equivalent = that x warming potential, each rounded once, at the organisation, so that members
-- add up to the park to the last digit. The statutory account takes the guideline's set of potentials, the others the
-- site's. What members bought from each other is a line of its own, which a park leaves out: the fuel it was made from
-- is counted where it burns.
-- Clause: gbt_32150.total, gbt_32150.boundary, gbt_32150.warming_potential, provincial.boundary
{% set columns = [
    "month",
    "organization_id",
    "is_internal",
    "source_category",
    "scope",
    "basis",
    "gas",
    "carrier",
    "method_term",
    "activity",
    "activity_unit",
    "factor_id",
    "factor",
    "factor_unit",
    "tonnes_per_factor_mass",
    "factor_set",
    "factor_rule",
    "factor_confidence",
    "factor_is_fallback",
    "method_clause",
    "is_biogenic",
    "null_reason",
    "estimated_ratio",
] %}
with
    lines as (

        {% for lines in [
            ref("int_carbon__combustion"),
            ref("int_carbon__stationary_gases"),
            ref("int_carbon__purchased_energy"),
            ref("int_carbon__process"),
            ref("int_carbon__feedstock"),
            ref("int_carbon__own"),
        ] -%}
            select {{ columns | join(", ") }} from {{ lines }} {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    warmed as (

        select
            lines.*,
            case when lines.gas = 'CO2' then cast(null as string) else potentials.gwp_set end as gwp_set,
            case when lines.gas = 'CO2' then cast(1 as decimal(17, 6)) else cast(potentials.gwp as decimal(17, 6)) end as gwp,
            {{ product("lines.factor", 12, "lines.tonnes_per_factor_mass", 6, 15) }} as tonnes_per_unit
        from lines
        inner join {{ ref("int_carbon__organization") }} as emitters on lines.organization_id = emitters.organization_id
        left join
            {{ source("factors", "factor_gwp") }} as potentials
            on lines.gas = potentials.gas
            and potentials.gwp_set
            = case when lines.basis = 'statutory' then emitters.guideline_gwp_set else '{{ var("gwp_set") }}' end

    ),

    weighed as (

        select
            warmed.*,
            cast(cast(tonnes_per_unit as decimal(20, 15)) * cast(activity as decimal(17, 6)) as decimal(18, 6)) as emissions_t
        from warmed

    ),

    valued as {{ materialized() }} (

        select
            month,
            organization_id,
            is_internal,
            source_category,
            scope,
            basis,
            gas,
            carrier,
            method_term,
            activity_unit,
            factor_id,
            factor,
            factor_unit,
            factor_set,
            factor_rule,
            factor_confidence,
            factor_is_fallback,
            method_clause,
            gwp_set,
            gwp,
            is_biogenic,
            coalesce(null_reason, case when gwp is null then 'no_potential_in_set' end) as null_reason,
            activity,
            emissions_t,
            case
                when gwp = 1
                then emissions_t
                else {{ product(product("tonnes_per_unit", 15, "gwp", 6, 12), 12, "activity", 6, 6) }}
            end as emissions_tco2e,
            estimated_ratio as largest_estimated_ratio
        from weighed

    )

select *
from valued

union all

select
    lines.month,
    above.ancestor_id as organization_id,
    false as is_internal,
    lines.source_category,
    lines.scope,
    lines.basis,
    lines.gas,
    lines.carrier,
    lines.method_term,
    lines.activity_unit,
    lines.factor_id,
    lines.factor,
    lines.factor_unit,
    lines.factor_set,
    lines.factor_rule,
    lines.factor_confidence,
    lines.factor_is_fallback,
    lines.method_clause,
    lines.gwp_set,
    lines.gwp,
    lines.is_biogenic,
    lines.null_reason,
    cast(sum(lines.activity) as decimal(18, 6)) as activity,
    cast(sum(lines.emissions_t) as decimal(18, 6)) as emissions_t,
    cast(sum(lines.emissions_tco2e) as decimal(18, 6)) as emissions_tco2e,
    max(lines.largest_estimated_ratio) as largest_estimated_ratio
from valued as lines
inner join {{ ref("stg_site__organization_closure") }} as above on lines.organization_id = above.descendant_id
where above.distance > 0 and not lines.is_internal
group by
    above.ancestor_id,
    lines.month,
    lines.source_category,
    lines.scope,
    lines.basis,
    lines.gas,
    lines.carrier,
    lines.method_term,
    lines.activity_unit,
    lines.factor_id,
    lines.factor,
    lines.factor_unit,
    lines.factor_set,
    lines.factor_rule,
    lines.factor_confidence,
    lines.factor_is_fallback,
    lines.method_clause,
    lines.gwp_set,
    lines.gwp,
    lines.is_biogenic,
    lines.null_reason
