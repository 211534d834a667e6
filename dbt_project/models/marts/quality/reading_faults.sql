{{ config(partition_by="month", replaced_by=["point_id", "local_date"], order_by=["month", "point_id", "fault_at"]) }}
-- What was wrong with readings and what was done about it: each refused reading, each register that began again, went on
-- elsewhere, stood still or stepped back. `quantity` is what is counted for the stretch from from_at to to_at; low and
-- high bound what can have passed in it, and are NULL where the registers say it exactly; where no rating is known, three
-- times what a like day holds is possible, too.
-- Clause: nengtan.reading_faults
with
    refused as (

        select point_key, reading_us, value, refusal as fault
        from {{ ref("int_energy__reading_judged") }}
        where refusal is not null and is_core
        union all
        select point_key, reading_us, value, verdict
        from {{ ref("int_energy__register_step") }}
        where verdict = 'unconfirmed'

    ),

    found as (

        select
            refused.point_key,
            refused.fault,
            refused.reading_us as fault_us,
            refused.value,
            stretch.from_us,
            stretch.to_us,
            stretch.quantity,
            stretch.quantity_low,
            stretch.quantity_high,
            stretch.nature
        from refused
        left join
            {{ ref("int_energy__stretch") }} as stretch
            on refused.point_key = stretch.point_key
            and refused.reading_us > stretch.from_us
            and refused.reading_us <= stretch.to_us
        union all
        select
            point_key,
            verdict,
            to_us,
            value,
            from_us,
            to_us,
            quantity,
            quantity_low,
            quantity_high,
            case when quantity is null then 'gap' when quantity_low is null then 'counted' else 'substituted' end
        from {{ ref("int_energy__register_stretch") }}
        where verdict <> 'counted'

    ),

    spread as (

        select point_key, from_us, to_us, nature, sum(quantity) as quantity
        from {{ ref("int_energy__interval_long") }}
        where nature in ('substituted', 'gap')
        group by point_key, from_us, to_us, nature

    )

select
    cast(points.point_id as string) as point_id,
    cast(points.organization_id as string) as organization_id,
    cast(found.fault as string) as fault,
    cast({{ fault_word("found.fault", "zh") }} as string) as fault_name_zh,
    cast({{ fault_word("found.fault", "en") }} as string) as fault_name_en,
    cast({{ from_epoch_us("found.fault_us") }} as {{ instant_type() }}) as fault_at,
    cast({{ product("found.value", 6, "ratings.scale_to_unit", 9, 6) }} as decimal(18, 6)) as value,
    cast(points.unit as string) as value_unit,
    cast({{ from_epoch_us("found.from_us") }} as {{ instant_type() }}) as from_at,
    cast({{ from_epoch_us("found.to_us") }} as {{ instant_type() }}) as to_at,
    cast(coalesce(spread.quantity, found.quantity) as decimal(18, 6)) as quantity,
    cast(found.quantity_low as decimal(18, 6)) as quantity_low,
    cast(
        case
            when found.quantity_high is not null and ratings.most_per_h is null
            then greatest(found.quantity_high, cast(3 * coalesce(spread.quantity, 0) as decimal(24, 6)))
            else found.quantity_high
        end as decimal(18, 6)
    ) as quantity_high,
    cast(points.quantity_unit as string) as quantity_unit,
    cast(hours.local_date as date) as local_date,
    cast(hours.month as date) as month
from found
inner join {{ ref("int_energy__point") }} as points on found.point_key = points.point_key
inner join
    {{ ref("int_energy__point_rating") }} as ratings
    on found.point_key = ratings.point_key
    and found.fault_us > ratings.from_us
    and found.fault_us <= ratings.to_us
inner join {{ source("meta", "calendar_hour") }} as hours on {{ hour_number("found.fault_us") }} = hours.hour_number
left join
    spread
    on found.point_key = spread.point_key
    and found.from_us = spread.from_us
    and found.to_us = spread.to_us
    and found.nature = spread.nature
