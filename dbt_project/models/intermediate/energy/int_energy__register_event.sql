{{ config(materialized="table") }}
-- What breaks the count of a register: an exchange, a reset (which begins at zero unless it says otherwise), a change of
-- ratio at which the register was read, a meter that leaves and comes back: what its place took meanwhile no register
-- knows. Without registers a change of ratio leaves the count whole.
select
    points.point_key,
    events.event_us,
    events.event,
    coalesce(events.final_register, case when events.event = 'ratio_change' then events.initial_register end) as final_register,
    coalesce(
        events.initial_register,
        case when events.event = 'ratio_change' then events.final_register end,
        case when events.event = 'reset' then cast(0 as decimal(18, 6)) end
    ) as initial_register
from {{ ref("stg_site__meter_event") }} as events
inner join
    {{ ref("int_energy__point") }} as points
    on events.meter_id = points.meter_id
    and points.kind = 'register'
    and (events.point_id is null or events.point_id = points.point_id)
where
    events.event in ('exchange', 'reset', 'out_of_service', 'back_in_service')
    or (events.event = 'ratio_change' and coalesce(events.final_register, events.initial_register) is not null)
