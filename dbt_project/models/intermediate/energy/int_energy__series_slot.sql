-- The quantities of each series in each slot: the points that count for it, by weight, on the days the rows hold.
with hours as (

    select hour_number, local_date from {{ source('meta', 'calendar_hour') }}

),

weighted as (

    select
        allocations.series_key,
        slots.slot_number,
        {{ scaled_amount('slots.quantity', 'allocations.weight') }} as quantity,
        {{ scaled_amount('slots.gross_quantity', 'abs(allocations.weight)') }} as gross_quantity,
        {{ scaled_amount('slots.estimated_quantity', 'abs(allocations.weight)') }} as estimated_quantity,
        slots.interval_count,
        slots.missing_count
    from {{ ref('int_energy__point_slot') }} as slots
    inner join hours on {{ integer_divide('slots.slot_number', slots_per_hour()) }} = hours.hour_number
    inner join {{ ref('int_energy__series_point') }} as allocations
        on slots.point_key = allocations.point_key
        and hours.local_date >= allocations.segment_from
        and hours.local_date < allocations.segment_to

)

select
    series_key,
    slot_number,
    cast(sum(quantity) as decimal(18, 6)) as quantity,
    cast(sum(gross_quantity) as decimal(18, 6)) as gross_quantity,
    cast(sum(estimated_quantity) as decimal(18, 6)) as estimated_quantity,
    cast(sum(interval_count) as integer) as interval_count,
    cast(sum(missing_count) as integer) as missing_count
from weighted
group by series_key, slot_number
