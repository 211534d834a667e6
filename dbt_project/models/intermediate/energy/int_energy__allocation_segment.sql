-- The allocations cut into stretches of time in which none begins or ends, with the family that a carrier stands in.
with
    bound as (

        select valid_from as bound_date
        from {{ ref("stg_site__allocation") }}
        union
        select valid_to as bound_date
        from {{ ref("stg_site__allocation") }}

    ),

    segment as (select bound_date as segment_from, lead(bound_date) over (order by bound_date) as segment_to from bound)

select
    segment.segment_from,
    segment.segment_to,
    allocations.energy_unit_id,
    allocations.carrier,
    coalesce(carriers.family, allocations.carrier) as family,
    allocations.point_id,
    allocations.weight,
    allocations.use_type,
    allocations.role,
    allocations.counterparty
from segment
inner join
    {{ ref("stg_site__allocation") }} as allocations
    on segment.segment_from >= allocations.valid_from
    and segment.segment_from < allocations.valid_to
left join {{ source("factors", "carriers") }} as carriers on allocations.carrier = carriers.carrier
where segment.segment_to is not null
