{{ config(order_by=["year", "organization_id", "basis", "item_key"]) }}
-- Inventory of each organisation and park by year and account: one row for every item that its guideline asks for, and
-- the total. An item without a formula is `not_implemented`, one without activity `no_activity`: no number, never zero.
-- An item of which a part has no number is `incomplete`. The total says how many of its rows rest on recalled factors,
-- stand in for missing ones or have no number.
-- Clause: gbt_32150.total, gbt_32150.boundary
with
    lines as (

        select
            year,
            organization_id,
            basis,
            item_key,
            min(source_category) as source_category,
            min(method_clause) as method_clause,
            count(distinct month) as months_count,
            count(*) as line_count,
            sum(emissions_tco2) as emissions_tco2,
            sum(emissions_tco2e) as emissions_tco2e,
            sum(case when emissions_tco2e is null then 1 else 0 end) as missing_count,
            sum(case when emissions_tco2e is not null and factor_confidence = 'recalled' then 1 else 0 end) as recalled_count,
            sum(case when emissions_tco2e is not null and factor_is_fallback then 1 else 0 end) as fallback_count
        from {{ ref("int_carbon__inventory_line") }}
        group by year, organization_id, basis, item_key

    ),

    asked as (

        select
            years.year,
            years.organization_id,
            years.basis,
            items.item_key,
            items.name_zh,
            items.name_en,
            items.source_category,
            items.clause,
            items.status,
            items.place
        from (select distinct year, organization_id, basis from lines) as years
        inner join {{ ref("int_carbon__organization") }} as emitters on years.organization_id = emitters.organization_id
        inner join {{ source("factors", "guideline_items") }} as items on emitters.guideline = items.guideline

    ),

    items as (

        select
            asked.year,
            asked.organization_id,
            asked.basis,
            asked.place,
            asked.item_key,
            asked.name_zh,
            asked.name_en,
            asked.source_category,
            asked.clause as method_clause,
            case
                when asked.status = 'not_implemented'
                then 'not_implemented'
                when lines.line_count is null
                then 'no_activity'
                when lines.missing_count > 0
                then 'incomplete'
                else 'counted'
            end as item_status,
            lines.months_count,
            lines.line_count,
            lines.emissions_tco2,
            lines.emissions_tco2e,
            lines.missing_count,
            lines.recalled_count,
            lines.fallback_count
        from asked
        left join
            lines
            on asked.year = lines.year
            and asked.organization_id = lines.organization_id
            and asked.basis = lines.basis
            and asked.item_key = lines.item_key

        union all

        select
            lines.year,
            lines.organization_id,
            lines.basis,
            900 as place,
            lines.item_key,
            case when lines.item_key = 'other' then '指南未列项目' else {{ emission_word("lines.item_key", "zh") }} end as name_zh,
            case
                when lines.item_key = 'other' then 'items beyond the guideline' else {{ emission_word("lines.item_key", "en") }}
            end as name_en,
            lines.source_category,
            lines.method_clause,
            case when lines.missing_count > 0 then 'incomplete' else 'counted' end as item_status,
            lines.months_count,
            lines.line_count,
            lines.emissions_tco2,
            lines.emissions_tco2e,
            lines.missing_count,
            lines.recalled_count,
            lines.fallback_count
        from lines
        left join {{ ref("int_carbon__organization") }} as emitters on lines.organization_id = emitters.organization_id
        where lines.item_key = 'other' or emitters.organization_id is null

        union all

        select
            lines.year,
            lines.organization_id,
            lines.basis,
            999 as place,
            'total' as item_key,
            '合计' as name_zh,
            'total' as name_en,
            'total' as source_category,
            'gbt_32150.total' as method_clause,
            case
                when sum(lines.missing_count) > 0 or max(coalesce(unknown.item_count, 0)) > 0 then 'incomplete' else 'counted'
            end as item_status,
            max(lines.months_count) as months_count,
            sum(lines.line_count) as line_count,
            sum(lines.emissions_tco2) as emissions_tco2,
            sum(lines.emissions_tco2e) as emissions_tco2e,
            sum(lines.missing_count) as missing_count,
            sum(lines.recalled_count) as recalled_count,
            sum(lines.fallback_count) as fallback_count
        from lines
        left join
            (
                select above.ancestor_id as organization_id, count(*) as item_count
                from {{ ref("int_carbon__organization") }} as emitters
                inner join {{ source("factors", "guideline_items") }} as asked on emitters.guideline = asked.guideline
                inner join {{ ref("stg_site__organization_closure") }} as above on emitters.organization_id = above.descendant_id
                where asked.status = 'not_implemented'
                group by above.ancestor_id
            ) as unknown
            on lines.organization_id = unknown.organization_id
        group by lines.year, lines.organization_id, lines.basis

    )

select
    cast(items.year as integer) as year,
    cast(items.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(emitters.guideline as string) as guideline,
    cast(items.basis as string) as basis,
    cast(items.place as integer) as place,
    cast(items.item_key as string) as item_key,
    cast(items.name_zh as string) as item_name_zh,
    cast(items.name_en as string) as item_name_en,
    cast(items.source_category as string) as source_category,
    cast(items.method_clause as string) as method_clause,
    cast(items.item_status as string) as item_status,
    cast({{ emission_word("items.item_status", "zh") }} as string) as item_status_name_zh,
    cast({{ emission_word("items.item_status", "en") }} as string) as item_status_name_en,
    cast(items.emissions_tco2 as decimal(18, 6)) as emissions_tco2,
    cast(items.emissions_tco2e as decimal(18, 6)) as emissions_tco2e,
    cast(items.months_count as integer) as months_count,
    cast(items.line_count as integer) as line_count,
    cast(items.missing_count as integer) as missing_count,
    cast(items.recalled_count as integer) as recalled_count,
    cast(items.fallback_count as integer) as fallback_count
from items
inner join {{ ref("stg_site__organization") }} as organizations on items.organization_id = organizations.organization_id
left join {{ ref("int_carbon__organization") }} as emitters on items.organization_id = emitters.organization_id
