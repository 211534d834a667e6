{{ config(partition_by="month", order_by=["month", "organization_id", "way"]) }}
-- By which way the data of an organisation came in a month (数据自采率): measured points by the kind of their source, points
-- all of whose intervals are missing, and the lines that people declared. A park is all its members.
-- share = items of the way / all items of the organisation and month
with
    declared as (

        {% for thing in ["production", "finance", "activity", "stock"] -%}
            select organization_id, month
            from {{ source("accounting", thing) }}
            where {{ only_rebuilt_months("month") }}

            union all

        {% endfor -%}
        select organization_id, coalesce(month, cast(date_trunc('month', sampled_on) as date)) as month
        from {{ source("accounting", "lab_results") }}
        where
            organization_id is not null
            and {{ only_rebuilt_months("coalesce(month, cast(date_trunc('month', sampled_on) as date))") }}

    ),

    measured as (

        select organization_id, month, point_id, sum(expected - missing_count) as known_count
        from {{ ref("completeness_daily") }}
        where {{ only_rebuilt_months("month") }}
        group by organization_id, month, point_id

    ),

    items as (

        select
            measured.organization_id,
            measured.month,
            case
                when measured.known_count = 0
                then 'none'
                when sources.kind = 'form'
                then 'manual'
                when sources.kind = 'files'
                then 'file'
                when sources.kind in ('sql', 'rest')
                then 'system'
                else 'automatic'
            end as way
        from measured
        inner join {{ ref("stg_site__point") }} as points on measured.point_id = points.point_id
        inner join {{ source("site", "sources") }} as sources on points.source = sources.source_id

        union all

        select organization_id, month, 'manual' as way
        from declared

    ),

    counted as (

        select above.ancestor_id as organization_id, items.month, items.way, count(*) as items_count
        from items
        inner join {{ ref("stg_site__organization_closure") }} as above on items.organization_id = above.descendant_id
        group by above.ancestor_id, items.month, items.way

    ),

    whole as (select organization_id, month, sum(items_count) as items_count from counted group by organization_id, month)

select
    cast(counted.month as date) as month,
    cast(counted.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(counted.way as string) as way,
    cast(
        case
            counted.way
            when 'automatic'
            then '自动采集'
            when 'system'
            then '系统对接'
            when 'file'
            then '文件导入'
            when 'manual'
            then '人工填报'
            else '未采集'
        end as string
    ) as way_name_zh,
    cast(
        case
            counted.way
            when 'automatic'
            then 'from the meter'
            when 'system'
            then 'from another system'
            when 'file'
            then 'from files'
            when 'manual'
            then 'by hand'
            else 'not received'
        end as string
    ) as way_name_en,
    cast(counted.way in ('automatic', 'system') as boolean) as is_automatic,
    cast(counted.items_count as bigint) as items_count,
    cast({{ divide_decimal("counted.items_count", "whole.items_count") }} as decimal(9, 6)) as share_ratio
from counted
inner join whole on counted.organization_id = whole.organization_id and counted.month = whole.month
inner join {{ ref("stg_site__organization") }} as organizations on counted.organization_id = organizations.organization_id
