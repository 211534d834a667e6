-- Each row of the emissions with the item of the guideline it belongs to, once for every account it counts in, by year.
-- Rows that the guideline does not ask for belong to the item `other`; a park's items are the kinds of source.
-- Clause: gbt_32150.total
with
    accounts as (

        {% for account in ["location", "market", "statutory"] -%}
            select '{{ account }}' as account {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    emissions as (

        select
            *,
            cast(extract(year from month) as integer) as year,
            case
                when source_category like 'purchased_%' or source_category like 'sold_%'
                then source_category
                when position('/' in method_term) > 0
                then substring(method_term, 1, position('/' in method_term) - 1)
                else method_term
            end as method
        from {{ ref("emissions_monthly") }}
        where basis <> 'biogenic'

    )

select
    emissions.year,
    emissions.month,
    emissions.organization_id,
    accounts.account as basis,
    case
        when emitters.organization_id is null then emissions.source_category else coalesce(items.item_key, 'other')
    end as item_key,
    emissions.source_category,
    emissions.method_clause,
    emissions.emissions_tco2,
    emissions.emissions_tco2e,
    emissions.factor_confidence,
    emissions.factor_is_fallback
from emissions
inner join
    accounts on emissions.basis = accounts.account or (emissions.basis = 'all' and accounts.account in ('location', 'market'))
left join {{ ref("int_carbon__organization") }} as emitters on emissions.organization_id = emitters.organization_id
left join
    {{ source("factors", "guideline_items") }} as items
    on emitters.guideline = items.guideline
    and emissions.method = items.method
