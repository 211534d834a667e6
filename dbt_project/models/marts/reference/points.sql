{{ config(order_by=["organization_id", "energy_unit_id", "point_id"]) }}
-- The measured points with their meter, unit and source.
select
    cast(points.point_id as string) as point_id,
    cast(points.meter_id as string) as meter_id,
    cast(units.organization_id as string) as organization_id,
    cast(meters.energy_unit_id as string) as energy_unit_id,
    cast(units.name_zh as string) as energy_unit_name_zh,
    cast(units.name_en as string) as energy_unit_name_en,
    cast(meters.carrier as string) as carrier,
    cast(carriers.name_zh as string) as carrier_name_zh,
    cast(carriers.name_en as string) as carrier_name_en,
    cast(points.quantity as string) as measured_quantity,
    cast(points.kind as string) as kind,
    cast(points.unit as string) as unit,
    cast(points.multiplier as decimal(18, 9)) as multiplier,
    cast(points.register_size as decimal(18, 6)) as register_size,
    cast(points.physical_max as decimal(18, 6)) as physical_max,
    cast(points.source as string) as source,
    cast(points.address as string) as address,
    cast(meters.model as string) as meter_model,
    cast(meters.accuracy_class as string) as accuracy_class,
    cast(meters.calibrated_on as date) as calibrated_on,
    cast(meters.calibration_due_on as date) as calibration_due_on,
    cast(meters.gb17167_level as string) as gb17167_level,
    cast(identifiers.identifier as string) as meter_identifier
from {{ source("site", "points") }} as points
inner join {{ source("site", "meters") }} as meters on points.meter_id = meters.meter_id
inner join {{ ref("stg_site__energy_unit") }} as units on meters.energy_unit_id = units.energy_unit_id
left join {{ source("factors", "carriers") }} as carriers on meters.carrier = carriers.carrier
left join
    {{ ref("stg_site__first_identifier") }} as identifiers
    on points.meter_id = identifiers.subject_id
    and identifiers.subject_kind = 'meter'
