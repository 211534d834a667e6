-- Lines of the methods that the site brought along (site.yaml: method_packages): each is a query of its own on what is
-- named here, counted where the organisation's guideline has an item that the package takes on. Without a package there
-- is no line. A method whose clause was not seen in a document makes every line that rests on it recalled.
-- Clause: gbt_32150.total
with
    activity as (

        select month, organization_id, item, side, activity, activity_unit
        from {{ ref("int_carbon__material_activity") }}
        where fault is null

    ),

    measured as (

        select organization_id, carrier as item, property, value, factor_id, confidence, valid_from, valid_to
        from {{ ref("int_factors__measured") }}

    ),

    organizations as (select organization_id, guideline from {{ ref("int_carbon__organization") }}),

    own_parameters as (

        select factor_set as package, property as parameter, factor_id, cast(value as decimal(18, 10)) as value, unit, confidence
        from {{ source("factors", "factor_numbers") }}
        where subject = 'own_method'

    ),

    asked as (

        select emitters.organization_id, items.method, items.source_category
        from organizations as emitters
        inner join {{ source("factors", "guideline_items") }} as items on emitters.guideline = items.guideline
        where items.clause like 'own.%'

    ),

    lines as (

        select
            cast(null as date) as month,
            cast(null as string) as organization_id,
            cast(null as string) as item,
            cast(null as decimal(18, 6)) as activity,
            cast(null as string) as activity_unit,
            cast(null as decimal(24, 6)) as numerator,
            cast(null as decimal(24, 6)) as denominator,
            cast(null as string) as factor_id,
            cast(null as string) as factor_confidence,
            cast(null as string) as method,
            cast(null as string) as gas,
            cast(null as string) as method_clause
        where false
        {%- for name, method in var("own_methods").items() %}

            union all

            select
                own_lines.month,
                own_lines.organization_id,
                own_lines.item,
                own_lines.activity,
                own_lines.activity_unit,
                own_lines.numerator,
                own_lines.denominator,
                own_lines.factor_id,
                {% if method.confidence == "recalled" -%} 'recalled'
                {%- else -%} own_lines.factor_confidence
                {%- endif %} as factor_confidence,
                '{{ name }}' as method,
                '{{ method.gas }}' as gas,
                '{{ method.clause }}' as method_clause
            from ({{ method.statement }}) as own_lines
        {%- endfor %}

    )

select
    lines.month,
    lines.organization_id,
    false as is_internal,
    asked.source_category,
    1 as scope,
    accounts.basis,
    lines.gas,
    lines.item as carrier,
    lines.method || '/' || lines.item as method_term,
    lines.activity,
    lines.activity_unit,
    lines.factor_id,
    cast({{ divide_decimal("lines.numerator", "lines.denominator", 12) }} as decimal(18, 12)) as factor,
    't' || lines.gas || '/' || lines.activity_unit as factor_unit,
    cast(1 as decimal(7, 6)) as tonnes_per_factor_mass,
    'own' as factor_set,
    'own' as factor_rule,
    lines.factor_confidence,
    false as factor_is_fallback,
    lines.method_clause,
    false as is_biogenic,
    case when lines.numerator is null or coalesce(lines.denominator, 0) = 0 then 'needs_measurement' end as null_reason,
    cast(null as decimal(9, 6)) as estimated_ratio
from lines
inner join asked on lines.organization_id = asked.organization_id and lines.method = asked.method
cross join
    (
        select 'all' as basis
        union all
        select 'statutory' as basis
    ) as accounts
