{{ config(order_by=["organization_id", "energy_kind", "gb17167_level"]) }}
-- How much of what GB 17167 wants metered has its meter: by organisation, kind of energy and level, beside the rate that is
-- required, where the table that was seen has one.
-- clause: gb_17167.equipping_rate
with
    counted as (

        select
            used.organization_id,
            used.energy_kind,
            used.gb17167_level,
            count(*) as due_count,
            sum(used.is_metered) as equipped_count,
            {{ text_list("case when used.is_metered = 0 then units.name_zh end") }} as missing_units_zh,
            {{ text_list("case when used.is_metered = 0 then units.name_en end") }} as missing_units_en
        from {{ ref("int_quality__metered_use") }} as used
        inner join {{ ref("stg_site__energy_unit") }} as units on used.energy_unit_id = units.energy_unit_id
        group by used.organization_id, used.energy_kind, used.gb17167_level

    ),

    beside as (

        select
            counted.*,
            case
                counted.gb17167_level
                when 'entity'
                then required.entity_pct
                when 'sub_entity'
                then required.sub_entity_pct
                else required.equipment_pct
            end as required_pct,
            coalesce(required.energy_kind_name_zh, carriers.name_zh) as energy_kind_name_zh,
            coalesce(required.energy_kind_name_en, carriers.name_en) as energy_kind_name_en,
            required.confidence,
            required.source_id
        from counted
        left join {{ source("factors", "metering_equipping") }} as required on counted.energy_kind = required.equipping_key
        left join {{ source("factors", "carriers") }} as carriers on counted.energy_kind = carriers.carrier

    ),

    judged as (select *, 100 * equipped_count >= required_pct * due_count as is_met from beside)

select
    cast(judged.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(judged.energy_kind as string) as energy_kind,
    cast(judged.energy_kind_name_zh as string) as energy_kind_name_zh,
    cast(judged.energy_kind_name_en as string) as energy_kind_name_en,
    cast(judged.gb17167_level as string) as gb17167_level,
    cast(
        case judged.gb17167_level when 'entity' then '用能单位' when 'sub_entity' then '主要次级用能单位' else '主要用能设备' end as string
    ) as gb17167_level_name_zh,
    cast(
        case
            judged.gb17167_level when 'entity' then 'energy user' when 'sub_entity' then 'main sub-user' else 'main equipment'
        end as string
    ) as gb17167_level_name_en,
    cast(judged.due_count as bigint) as due_count,
    cast(judged.equipped_count as bigint) as equipped_count,
    cast({{ divide_decimal("judged.equipped_count", "judged.due_count") }} as decimal(9, 6)) as equipping_ratio,
    cast({{ divide_decimal("judged.required_pct", "100") }} as decimal(9, 6)) as required_ratio,
    cast(judged.is_met as boolean) as is_met,
    cast(case when judged.is_met then '达到' when not judged.is_met then '未达到' else '无要求值' end as string) as met_name_zh,
    cast(
        case when judged.is_met then 'reached' when not judged.is_met then 'not reached' else 'no rate known' end as string
    ) as met_name_en,
    cast(judged.confidence as string) as required_confidence,
    cast(judged.source_id as string) as required_source_id,
    cast(judged.missing_units_zh as string) as missing_units_zh,
    cast(judged.missing_units_en as string) as missing_units_en
from judged
inner join {{ ref("stg_site__organization") }} as organizations on judged.organization_id = organizations.organization_id
