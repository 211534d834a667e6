{{ config(materialized="table") }}
-- The rows that count for each unit, a park included: what its organisations' root units count, without what one of
-- them buys from or sells to another; a residual unit's, what its siblings leave over of its parent. A price is always
-- that of the unit where the row stands.
with
    at_root as (

        select allocations.*, units.organization_id
        from {{ ref("int_energy__unit_allocation") }} as allocations
        inner join
            {{ ref("stg_site__energy_unit") }} as units on allocations.energy_unit_id = units.energy_unit_id and units.is_root

    ),

    owner as (select distinct segment_from, organization_id, family from at_root),

    ceiling as (

        select lower_owner.segment_from, lower_owner.organization_id, lower_owner.family, min(above.distance) as distance
        from owner as lower_owner
        inner join
            {{ ref("stg_site__organization_closure") }} as above
            on lower_owner.organization_id = above.descendant_id
            and above.distance > 0
        inner join
            owner as upper_owner
            on above.ancestor_id = upper_owner.organization_id
            and lower_owner.segment_from = upper_owner.segment_from
            and lower_owner.family = upper_owner.family
        group by lower_owner.segment_from, lower_owner.organization_id, lower_owner.family

    ),

    of_members as (

        select allocations.*, roots.energy_unit_id as park_unit_id
        from at_root as allocations
        inner join
            {{ ref("stg_site__organization_closure") }} as above
            on allocations.organization_id = above.descendant_id
            and above.distance > 0
        inner join {{ ref("stg_site__energy_unit") }} as roots on above.ancestor_id = roots.organization_id and roots.is_root
        left join
            ceiling
            on allocations.segment_from = ceiling.segment_from
            and allocations.organization_id = ceiling.organization_id
            and allocations.family = ceiling.family
        left join
            {{ ref("stg_site__organization_closure") }} as partner
            on allocations.counterparty = partner.descendant_id
            and above.ancestor_id = partner.ancestor_id
        where
            (ceiling.distance is null or above.distance < ceiling.distance)
            and not (
                allocations.role in ('internal_purchase', 'internal_sale')
                and (allocations.counterparty is null or partner.ancestor_id is not null)
            )

    )

select segment_from, segment_to, energy_unit_id, energy_unit_id as pricing_unit_id, carrier, point_id, weight, use_type, role
from {{ ref("int_energy__unit_allocation") }}
union all
select segment_from, segment_to, park_unit_id, energy_unit_id, carrier, point_id, weight, use_type, role
from of_members
union all
select segment_from, segment_to, energy_unit_id, energy_unit_id, carrier, point_id, weight, use_type, role
from {{ ref("int_energy__residual_allocation") }}
