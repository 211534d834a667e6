{{ config(partition_by="month", order_by=["month", "organization_id", "process_id", "exchange_id"]) }}
-- The product system in numbers: what each process took, put out and emitted in a month, part by part. Electricity stands
-- by origin, with its way apart (the same kilowatt-hours again); own emissions by fuel or material and gas. The footprint
-- factor of electricity, never its CO2 factor; bought power is no emission of the process. What is missing is said, never
-- taken for zero.
-- Clause: gbt_24067.footprint, gbt_24067.electricity, gbt_24067.cut_off, gbt_24067.allocation
select
    cast(flows.month as date) as month,
    cast(exchanges.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(exchanges.process_id as string) as process_id,
    cast(processes.name_zh as string) as process_name_zh,
    cast(processes.name_en as string) as process_name_en,
    cast(
        case
            when exchanges.kind in ('use', 'end_of_life', 'packaging')
            then exchanges.kind
            when exchanges.is_outbound
            then 'distribution'
            when
                processes.stage = 'production'
                and exchanges.direction = 'input'
                and exchanges.kind in ('material', 'recycled', 'transport')
                and exchanges.provider_kind in ('supplier', 'secondary')
            then 'raw_materials'
            else processes.stage
        end as string
    ) as stage,
    cast(flows.exchange_id as string) as exchange_id,
    cast(exchanges.direction as string) as direction,
    cast(exchanges.kind as string) as kind,
    cast(exchanges.item as string) as item,
    cast(
        coalesce(
            exchanges.name_zh,
            products.name_zh,
            materials.name_zh,
            case when exchanges.direction = 'emission' then coalesce(burnt.name_zh || ' ', '') || flows.gas end,
            items.name_zh,
            flows.factor_name_zh,
            exchanges.item
        ) as string
    ) as item_name_zh,
    cast(
        coalesce(
            exchanges.name_en,
            products.name_en,
            materials.name_en,
            case when exchanges.direction = 'emission' then coalesce(burnt.name_en || ' ', '') || flows.gas end,
            items.name_en,
            flows.factor_name_en,
            exchanges.item
        ) as string
    ) as item_name_en,
    cast(exchanges.provider_kind as string) as provider_kind,
    cast(
        case when exchanges.provider_kind = 'process' then products.process_id else exchanges.provider_id end as string
    ) as provider_id,
    cast(flows.part as string) as part,
    cast(flows.gas as string) as gas,
    cast(flows.kind_of_carbon as string) as kind_of_carbon,
    cast(flows.quantity as decimal(18, 6)) as quantity,
    cast(flows.quantity_unit as string) as quantity_unit,
    cast(flows.mass_t as decimal(18, 6)) as mass_t,
    cast(flows.factor_id as string) as factor_id,
    cast(flows.factor as decimal(18, 9)) as factor,
    cast(flows.factor_unit as string) as factor_unit,
    cast(flows.factor_confidence as string) as factor_confidence,
    cast(flows.emissions_kgco2e as decimal(18, 6)) as emissions_kgco2e,
    cast(processes.allocation as string) as allocation,
    cast(
        case
            when exchanges.direction <> 'output' or exchanges.kind not in ('product', 'co_product')
            then null
            when processes.allocation = 'share'
            then exchanges.allocation_key
            when exchanges.allocation_key is not null
            then {{ product("flows.amount", 6, "exchanges.allocation_key", 9, 6) }}
            when processes.allocation = 'mass'
            then flows.mass_t
        end as decimal(18, 6)
    ) as allocation_value,
    cast(
        case
            when exchanges.direction = 'output' and exchanges.kind in ('product', 'co_product')
            then
                case
                    processes.allocation
                    when 'mass'
                    then 't'
                    when 'energy'
                    then 'GJ'
                    when 'economic'
                    then 'CNY'
                    when 'share'
                    then 'ratio'
                end
        end as string
    ) as allocation_value_unit,
    cast(exchanges.uncertainty_ratio as decimal(9, 6)) as uncertainty_ratio,
    cast(coalesce(exchanges.dqr_technology, flows.factor_dqr_technology) as decimal(4, 3)) as dqr_technology,
    cast(coalesce(exchanges.dqr_time, flows.factor_dqr_time) as decimal(4, 3)) as dqr_time,
    cast(coalesce(exchanges.dqr_geography, flows.factor_dqr_geography) as decimal(4, 3)) as dqr_geography,
    cast(exchanges.direction = 'emission' and exchanges.amount_source <> 'fixed' as boolean) as is_primary,
    cast(exchanges.is_outbound as boolean) as is_outbound,
    cast(exchanges.is_cut_off as boolean) as is_cut_off,
    cast(flows.estimated_ratio as decimal(9, 6)) as estimated_ratio,
    cast(flows.missing is null as boolean) as is_complete,
    cast(flows.missing as string) as missing,
    cast({{ footprint_word("flows.missing", "zh") }} as string) as missing_zh,
    cast({{ footprint_word("flows.missing", "en") }} as string) as missing_en
from {{ ref("int_footprint__flow") }} as flows
inner join
    {{ ref("stg_site__exchange") }} as exchanges
    on flows.exchange_id = exchanges.exchange_id
    and flows.month >= exchanges.valid_from
    and flows.month < exchanges.valid_to
inner join {{ ref("stg_site__process") }} as processes on exchanges.process_id = processes.process_id
inner join {{ ref("stg_site__organization") }} as organizations on exchanges.organization_id = organizations.organization_id
left join {{ ref("stg_site__product") }} as products on exchanges.item = products.product_id
left join {{ ref("int_carbon__item") }} as items on coalesce(exchanges.carrier, exchanges.item) = items.item
left join {{ ref("int_carbon__item") }} as burnt on nullif(flows.part, '') = burnt.item
left join
    (
        select organization_id, material, min(name_zh) as name_zh, min(coalesce(name_en, name_zh)) as name_en
        from {{ source("site", "supplier_materials") }}
        group by organization_id, material
    ) as materials
    on exchanges.provider_kind = 'supplier'
    and exchanges.organization_id = materials.organization_id
    and exchanges.item = materials.material
