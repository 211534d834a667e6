{{ config(materialized="table") }}
-- What counts for each unit: its own rows of a carrier family, else the rows of its topmost descendants that have some.
-- A descendant's row rises until the first unit above it that has rows of the family itself.
with
    owner as (select distinct segment_from, energy_unit_id, family from {{ ref("int_energy__allocation_segment") }}),

    ceiling as (

        select lower_owner.segment_from, lower_owner.energy_unit_id, lower_owner.family, min(above.distance) as distance
        from owner as lower_owner
        inner join
            {{ ref("stg_site__unit_closure") }} as above
            on lower_owner.energy_unit_id = above.descendant_id
            and above.distance > 0
        inner join
            owner as upper_owner
            on above.ancestor_id = upper_owner.energy_unit_id
            and lower_owner.segment_from = upper_owner.segment_from
            and lower_owner.family = upper_owner.family
        group by lower_owner.segment_from, lower_owner.energy_unit_id, lower_owner.family

    )

select
    allocations.segment_from,
    allocations.segment_to,
    above.ancestor_id as energy_unit_id,
    allocations.carrier,
    allocations.family,
    allocations.point_id,
    allocations.weight,
    allocations.use_type,
    allocations.role,
    allocations.counterparty
from {{ ref("int_energy__allocation_segment") }} as allocations
inner join {{ ref("stg_site__unit_closure") }} as above on allocations.energy_unit_id = above.descendant_id
left join
    ceiling
    on allocations.segment_from = ceiling.segment_from
    and allocations.energy_unit_id = ceiling.energy_unit_id
    and allocations.family = ceiling.family
where ceiling.distance is null or above.distance < ceiling.distance
