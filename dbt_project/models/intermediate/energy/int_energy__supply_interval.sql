{{ config(materialized="table") }}
-- What passed the points of supply in each interval of the rebuilt months, with the slot of one price that it lies in.
select
    intervals.point_id,
    intervals.local_date,
    intervals.month,
    intervals.quantity,
    {{ epoch_us("intervals.period_start_at") }} as period_us,
    {{ slot_number(epoch_us("intervals.period_start_at")) }} as slot_number,
    {{ local_minute("intervals.period_start_at") }} as minute_of_day
from {{ ref("intervals") }} as intervals
inner join
    (select distinct point_id from {{ ref("int_energy__supply_point") }}) as supplies on intervals.point_id = supplies.point_id
where {{ only_rebuilt_months("intervals.month") }}
