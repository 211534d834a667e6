{{ config(materialized="table") }}
-- One row per point: what turns a received value into the unit its carrier is counted in, and where the point hangs.
-- A unit that does not convert into the carrier's (steam in GJ, counted in t) stays as it is.
with
    rated as (

        select
            points.*,
            meters.energy_unit_id,
            meters.carrier,
            meters.ratios_applied,
            units.organization_id,
            {{ product("meters.transformer_ratio", 6, "points.multiplier", 9, 9) }} as scale_to_unit,
            case when points.kind = 'power' then {{ amount_of_rate("points.unit") }} else points.unit end as amount_unit
        from {{ ref("stg_site__point") }} as points
        inner join {{ ref("stg_site__meter") }} as meters on points.meter_id = meters.meter_id
        inner join {{ ref("stg_site__energy_unit") }} as units on meters.energy_unit_id = units.energy_unit_id

    )

select
    rated.point_id,
    cast(row_number() over (order by rated.point_id) as integer) as point_key,
    rated.meter_id,
    rated.energy_unit_id,
    rated.organization_id,
    rated.carrier,
    rated.measured_quantity,
    rated.kind,
    rated.source,
    rated.unit,
    rated.scale_to_unit,
    coalesce(conversions.to_unit, rated.amount_unit) as quantity_unit,
    {{ product("rated.scale_to_unit", 9, "coalesce(conversions.factor, 1)", 12, 9) }} as scale_to_quantity,
    rated.register_size,
    rated.physical_max,
    rated.substitution,
    rated.ratios_applied,
    rated.multiplier,
    coalesce(conversions.factor, 1) as conversion_factor,
    {{ product("rated.physical_max", 6, "coalesce(conversions.factor, 1)", 12, 6) }} as physical_max_per_h
from rated
left join {{ source("factors", "carriers") }} as carriers on rated.carrier = carriers.carrier
left join
    {{ source("factors", "unit_conversions") }} as conversions
    on rated.amount_unit = conversions.from_unit
    and carriers.unit = conversions.to_unit
