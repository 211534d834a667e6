-- One row per thing that happened to a meter; `point_id` is empty where it concerns every point of the meter.
select meter_id, point_id, event_at, {{ epoch_us("event_at") }} as event_us, event, final_register, initial_register, new_ratio
from {{ source("site", "meter_events") }}
