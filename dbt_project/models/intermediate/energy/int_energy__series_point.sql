{{ config(materialized="table") }}
-- Which points make up a total and what prices them, by whole-number keys: the one table that millions of rows are
-- joined with. Several rows of one point stay apart: each is rounded by itself, so that parts add up to their whole.
select
    series.total_key,
    series.tariff_key,
    points.point_key,
    allocations.segment_from,
    allocations.segment_to,
    cast(allocations.weight as decimal(18, 9)) as weight
from {{ ref("int_energy__allocation_resolved") }} as allocations
inner join {{ ref("int_energy__point") }} as points on allocations.point_id = points.point_id
inner join
    {{ ref("int_energy__consumption_series") }} as series
    on allocations.energy_unit_id = series.energy_unit_id
    and allocations.pricing_unit_id = series.pricing_unit_id
    and allocations.carrier = series.carrier
    and allocations.use_type = series.use_type
    and allocations.role = series.role
    and points.quantity_unit = series.quantity_unit
