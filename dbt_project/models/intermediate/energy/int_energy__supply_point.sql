-- The points through which a unit buys electricity, in the plant's park or from outside, and what prices each.
with
    supply as (

        select distinct total_key, energy_unit_id, role
        from {{ ref("int_energy__consumption_series") }}
        where role in ('purchase', 'internal_purchase') and quantity_unit = 'kWh' and use_type = 'fuel'

    )

select
    supply.energy_unit_id,
    supply.role,
    points.point_id,
    points.meter_id,
    shares.tariff_key,
    shares.segment_from,
    shares.segment_to,
    shares.weight
from supply
inner join {{ ref("int_energy__series_point") }} as shares on supply.total_key = shares.total_key
inner join {{ ref("int_energy__point") }} as points on shares.point_key = points.point_key
where shares.tariff_key is not null
