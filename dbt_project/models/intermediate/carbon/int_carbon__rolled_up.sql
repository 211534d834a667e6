-- Every line of an organisation for itself and for each park above it. A park leaves out what its members bought from
-- each other: the fuel it was made from is counted where it burns.
-- Clause: gbt_32150.boundary
with lines as (

    {% for part in ['combustion', 'purchased_energy', 'process'] -%}
    select
        month, organization_id, is_internal, source_category, scope, basis, carrier, activity, activity_unit,
        factor_id, factor, factor_unit, tonnes_per_factor_mass, factor_set, factor_rule, factor_confidence,
        method_clause, is_biogenic, null_reason, estimated_ratio
    from {{ ref('int_carbon__' ~ part) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
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
    lines.tonnes_per_factor_mass,
    lines.factor_set,
    lines.factor_rule,
    lines.factor_confidence,
    lines.method_clause,
    lines.is_biogenic,
    lines.null_reason,
    cast(sum(lines.activity) as decimal(18, 6)) as activity,
    max(lines.estimated_ratio) as largest_estimated_ratio
from lines
inner join {{ ref('stg_site__organization_closure') }} as above on lines.organization_id = above.descendant_id
where above.distance = 0 or not lines.is_internal
group by
    lines.month, above.ancestor_id, lines.source_category, lines.scope, lines.basis, lines.carrier,
    lines.activity_unit, lines.factor_id, lines.factor, lines.factor_unit, lines.tonnes_per_factor_mass,
    lines.factor_set, lines.factor_rule, lines.factor_confidence, lines.method_clause, lines.is_biogenic,
    lines.null_reason
