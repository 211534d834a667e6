{{ config(materialized='table') }}
-- The intervals of each point added up over the slots in which one price holds (whole hours, as a rule).
with keyed as (

    select
        points.point_key,
        {{ slot_number(epoch_us('intervals.period_start_at')) }} as slot_number,
        intervals.quantity,
        intervals.quality
    from {{ ref('intervals') }} as intervals
    inner join {{ ref('int_energy__point') }} as points on intervals.point_id = points.point_id
    where {{ only_rebuilt_months('intervals.month') }}

)

select
    point_key,
    slot_number,
    cast(sum(quantity) as decimal(18, 6)) as quantity,
    cast(sum(abs(quantity)) as decimal(18, 6)) as gross_quantity,
    cast(sum(case when quality in ('estimated', 'substituted') then abs(quantity) else 0 end) as decimal(18, 6))
        as estimated_quantity,
    cast(sum(case when quality in ('estimated', 'substituted') then 1 else 0 end) as integer) as estimated_count,
    cast(count(*) as integer) as interval_count,
    cast(sum(case when quality = 'missing' then 1 else 0 end) as integer) as missing_count
from keyed
group by point_key, slot_number
