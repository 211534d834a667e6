-- What each process takes, puts out and emits, with what an empty cell means filled in: the process's unit, the roles of
-- a meter, the item as product or activity. `told_unit` is the product's own where one passes, else the row's; `roles`
-- are enclosed by semicolons.
select
    exchanges.exchange_id,
    exchanges.process_id,
    processes.organization_id,
    exchanges.direction,
    exchanges.kind,
    exchanges.item,
    exchanges.name_zh,
    exchanges.name_en,
    exchanges.provider_kind,
    exchanges.provider_id,
    exchanges.amount_source,
    coalesce(exchanges.energy_unit_id, processes.energy_unit_id) as energy_unit_id,
    coalesce(units.is_root, false) as is_root,
    exchanges.carrier,
    exchanges.use_type,
    ';' || coalesce(exchanges.role, case when units.is_root then 'purchase;internal_purchase' else 'end_use' end) || ';' as roles,
    coalesce(exchanges.production_product_id, exchanges.item) as production_product_id,
    coalesce(exchanges.activity_item, exchanges.item) as activity_item,
    exchanges.source_category,
    cast(exchanges.share as decimal(17, 9)) as share,
    cast(exchanges.quantity as decimal(17, 9)) as quantity,
    exchanges.unit,
    case
        when
            exchanges.provider_kind = 'process'
            or (exchanges.direction = 'output' and exchanges.kind in ('product', 'co_product'))
        then coalesce(products.declared_unit, exchanges.unit)
        else exchanges.unit
    end as told_unit,
    exchanges.of_exchange_id,
    cast(exchanges.distance_km as decimal(17, 6)) as distance_km,
    cast(exchanges.allocation_key as decimal(17, 9)) as allocation_key,
    cast(exchanges.mass_per_unit_kg as decimal(17, 6)) as mass_per_unit_kg,
    exchanges.is_outbound,
    cast(exchanges.uncertainty_ratio as decimal(9, 6)) as uncertainty_ratio,
    cast(exchanges.dqr_technology as decimal(4, 3)) as dqr_technology,
    cast(exchanges.dqr_time as decimal(4, 3)) as dqr_time,
    cast(exchanges.dqr_geography as decimal(4, 3)) as dqr_geography,
    exchanges.is_cut_off,
    coalesce(exchanges.valid_from, date '0001-01-01') as valid_from,
    coalesce(exchanges.valid_to, date '9999-12-31') as valid_to
from {{ source("site", "exchanges") }} as exchanges
inner join {{ ref("stg_site__process") }} as processes on exchanges.process_id = processes.process_id
left join
    {{ ref("stg_site__energy_unit") }} as units
    on coalesce(exchanges.energy_unit_id, processes.energy_unit_id) = units.energy_unit_id
left join {{ ref("stg_site__product") }} as products on exchanges.item = products.product_id
