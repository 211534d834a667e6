{{ config(materialized="table") }}
-- The points through which a unit buys electricity, in the plant's park or from outside, and what prices each. The supply
-- of most units is one point all the time: nothing of it has to be added up.
with
    supply as (

        select cast(dense_rank() over (order by energy_unit_id, role) as integer) as supply_key, total_key, energy_unit_id, role
        from {{ ref("int_energy__consumption_series") }}
        where role in ('purchase', 'internal_purchase') and quantity_unit = 'kWh' and use_type = 'fuel'
        group by total_key, energy_unit_id, role

    )

select
    supply.supply_key,
    supply.energy_unit_id,
    supply.role,
    points.point_key,
    points.point_id,
    points.meter_id,
    keyed.share_key,
    shares.tariff_key,
    shares.segment_from,
    shares.segment_to,
    shares.weight,
    count(*) over (partition by supply.supply_key) = 1 as is_alone
from supply
inner join {{ ref("int_energy__series_point") }} as shares on supply.total_key = shares.total_key
inner join {{ ref("int_energy__point") }} as points on shares.point_key = points.point_key
inner join
    {{ ref("int_energy__point_share") }} as keyed
    on shares.point_key = keyed.point_key
    and shares.tariff_key = keyed.tariff_key
    and shares.segment_from = keyed.segment_from
    and shares.segment_to = keyed.segment_to
    and shares.weight = keyed.weight
