-- Every line of an organisation for itself and for each park above it: emissions = activity x factor, rounded once, at
-- the organisation, so that members add up to the park to the last digit. A park leaves out what its members bought
-- from each other: the fuel it was made from is counted where it burns.
-- Clause: gbt_32150.total, gbt_32150.boundary
with
    lines as (

        {% for part in ["combustion", "purchased_energy", "process"] -%}
            select
                month,
                organization_id,
                is_internal,
                source_category,
                scope,
                basis,
                carrier,
                activity,
                activity_unit,
                factor_id,
                factor,
                factor_unit,
                tonnes_per_factor_mass,
                factor_set,
                factor_rule,
                factor_confidence,
                method_clause,
                is_biogenic,
                null_reason,
                estimated_ratio
            from {{ ref("int_carbon__" ~ part) }} {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    valued as (

        select
            lines.*,
            cast(
                cast({{ product("factor", 12, "tonnes_per_factor_mass", 3, 15) }} as decimal(20, 15))
                * cast(activity as decimal(17, 6)) as decimal(18, 6)
            ) as emissions_tco2
        from lines

    )

select
    lines.month,
    above.ancestor_id as organization_id,
    lines.source_category,
    lines.scope,
    lines.basis,
    lines.carrier,
    lines.activity_unit,
    lines.factor_id,
    lines.factor,
    lines.factor_unit,
    lines.factor_set,
    lines.factor_rule,
    lines.factor_confidence,
    lines.method_clause,
    lines.is_biogenic,
    lines.null_reason,
    cast(sum(lines.activity) as decimal(18, 6)) as activity,
    cast(sum(lines.emissions_tco2) as decimal(18, 6)) as emissions_tco2,
    max(lines.estimated_ratio) as largest_estimated_ratio
from valued as lines
inner join {{ ref("stg_site__organization_closure") }} as above on lines.organization_id = above.descendant_id
where above.distance = 0 or not lines.is_internal
group by
    lines.month,
    above.ancestor_id,
    lines.source_category,
    lines.scope,
    lines.basis,
    lines.carrier,
    lines.activity_unit,
    lines.factor_id,
    lines.factor,
    lines.factor_unit,
    lines.factor_set,
    lines.factor_rule,
    lines.factor_confidence,
    lines.method_clause,
    lines.is_biogenic,
    lines.null_reason
