{{ config(materialized="table", meta={"only_with": {"int_energy__interval": "intervals"}}) }}
-- depends_on: {{ ref('int_energy__interval') }} {{ ref('intervals') }} {{ ref('int_energy__point') }}
-- The intervals of each point added up over the slots in which one price holds (whole hours, as a rule): those that
-- were just made, or the published ones of the days to rebuild, new ones among them.
with
    keyed as (

        {% if rebuilds_whole("intervals") -%}
            select point_key, {{ slot_number("period_us") }} as slot_number, quantity, quality
            from {{ ref("int_energy__interval") }}
        {%- else -%}
            select
                points.point_key,
                {{ slot_number(epoch_us("intervals.period_start_at")) }} as slot_number,
                intervals.quantity,
                intervals.quality
            from {{ ref("intervals") }} as intervals
            inner join {{ ref("int_energy__point") }} as points on intervals.point_id = points.point_id
            where {{ only_rebuilt_months("intervals.month") }} and {{ only_rebuilt_days("intervals.local_date") }}
        {%- endif %}

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
