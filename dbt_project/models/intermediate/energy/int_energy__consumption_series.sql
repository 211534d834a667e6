{{ config(materialized="table") }}
-- One row per unit, carrier, use and role that is added up, with the unit whose price holds: the nearest at or above
-- the unit that has one for the carrier. Power of mixed origin inside the plant costs what grid power costs. A total is
-- a series whatever it is priced by: a park's parts are priced where they are bought.
with
    series as (

        select distinct
            allocations.energy_unit_id,
            allocations.pricing_unit_id,
            allocations.carrier,
            allocations.use_type,
            allocations.role,
            points.quantity_unit
        from {{ ref("int_energy__allocation_resolved") }} as allocations
        inner join {{ ref("int_energy__point") }} as points on allocations.point_id = points.point_id

    ),

    candidate as (

        select
            series.pricing_unit_id,
            series.carrier,
            tariffs.tariff_key,
            tariffs.carrier as tariff_carrier,
            row_number() over (
                partition by series.pricing_unit_id, series.carrier
                order by case when tariffs.carrier = series.carrier then 0 else 1 end, above.distance
            ) as place
        from (select distinct pricing_unit_id, carrier from series) as series
        inner join {{ ref("stg_site__unit_closure") }} as above on series.pricing_unit_id = above.descendant_id
        inner join
            {{ ref("int_energy__tariff_key") }} as tariffs
            on above.ancestor_id = tariffs.energy_unit_id
            and (series.carrier = tariffs.carrier or (series.carrier = 'electricity' and tariffs.carrier = 'electricity_grid'))

    )

select
    cast(
        dense_rank() over (
            order by series.energy_unit_id, series.carrier, series.use_type, series.role, series.quantity_unit
        ) as integer
    ) as total_key,
    series.*,
    case
        when series.role in ('purchase', 'internal_purchase', 'end_use')
        then candidate.tariff_key
        when series.role = 'own_generation' and series.carrier = candidate.tariff_carrier
        then candidate.tariff_key
    end as tariff_key
from series
left join
    candidate on series.pricing_unit_id = candidate.pricing_unit_id and series.carrier = candidate.carrier and candidate.place = 1
