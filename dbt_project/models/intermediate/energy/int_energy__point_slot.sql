{{ config(materialized="table") }}
-- The intervals of each point added up over the slots in which one price holds (whole hours, as a rule).
with
    keyed as (

        select point_key, {{ slot_number("period_us") }} as slot_number, quantity, quality from {{ ref("int_energy__interval") }}

    )

select
    point_key,
    slot_number,
    cast(sum(quantity) as decimal(18, 6)) as quantity,
    cast(sum(abs(quantity)) as decimal(18, 6)) as gross_quantity,
    cast(
        sum(case when quality in ('estimated', 'substituted') then abs(quantity) else 0 end) as decimal(18, 6)
    ) as estimated_quantity,
    cast(sum(case when quality in ('estimated', 'substituted') then 1 else 0 end) as integer) as estimated_count,
    cast(count(*) as integer) as interval_count,
    cast(sum(case when quality = 'missing' then 1 else 0 end) as integer) as missing_count
from keyed
group by point_key, slot_number
