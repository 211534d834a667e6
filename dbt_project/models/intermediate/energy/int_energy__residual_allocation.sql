{{ config(materialized="table") }}
-- What makes up a residual unit: its parent's rows of a carrier family less its siblings', where both are metered and
-- counted in one unit of measure. Rows of one point are not added up: rounded one by one, as the parent's and the
-- siblings' own are, they close the balance to the last digit. Sold energy leaves the parent; what siblings made or
-- sold is in its rows already, where it is part of its supply. Where the parent's points are its siblings' points
-- nothing is left over, and there is no row.
-- Clause: nengtan.residual
with
    residual as (select energy_unit_id, parent_id from {{ ref("stg_site__energy_unit") }} where is_residual),

    of_parent as (

        select
            allocations.segment_from,
            allocations.segment_to,
            residual.energy_unit_id,
            allocations.family,
            cast(null as string) as sibling_carrier,
            allocations.point_id,
            allocations.use_type,
            {{ less_if_sold("allocations.weight", "allocations.role") }} as weight
        from {{ ref("int_energy__allocation_segment") }} as allocations
        inner join residual on allocations.energy_unit_id = residual.parent_id

    ),

    of_siblings as (

        select
            allocations.segment_from,
            allocations.segment_to,
            residual.energy_unit_id,
            allocations.family,
            allocations.carrier as sibling_carrier,
            allocations.point_id,
            allocations.use_type,
            - allocations.weight as weight
        from {{ ref("int_energy__unit_allocation") }} as allocations
        inner join {{ ref("stg_site__energy_unit") }} as siblings on allocations.energy_unit_id = siblings.energy_unit_id
        inner join residual on siblings.parent_id = residual.parent_id
        where allocations.role in ('end_use', 'purchase', 'internal_purchase')

    ),

    part as (

        select *
        from of_parent
        union all
        select *
        from of_siblings

    ),

    balanced as (

        select
            part.segment_from,
            part.energy_unit_id,
            part.family,
            case
                when min(part.sibling_carrier) = max(part.sibling_carrier) then min(part.sibling_carrier) else part.family
            end as carrier
        from part
        inner join {{ ref("int_energy__point") }} as points on part.point_id = points.point_id
        group by part.segment_from, part.energy_unit_id, part.family
        having
            min(points.quantity_unit) = max(points.quantity_unit)
            and count(part.sibling_carrier) > 0
            and count(part.sibling_carrier) < count(*)

    ),

    left_over as (

        select segment_from, energy_unit_id, family, use_type
        from
            (
                select segment_from, energy_unit_id, family, use_type, point_id, sum(weight) as weight
                from part
                group by segment_from, energy_unit_id, family, use_type, point_id
            ) as points
        group by segment_from, energy_unit_id, family, use_type
        having max(abs(weight)) > 0

    )

select
    part.segment_from,
    part.segment_to,
    part.energy_unit_id,
    balanced.carrier,
    part.point_id,
    part.weight,
    part.use_type,
    'end_use' as role
from part
inner join
    balanced
    on part.segment_from = balanced.segment_from
    and part.energy_unit_id = balanced.energy_unit_id
    and part.family = balanced.family
inner join
    left_over
    on part.segment_from = left_over.segment_from
    and part.energy_unit_id = left_over.energy_unit_id
    and part.family = left_over.family
    and part.use_type = left_over.use_type
