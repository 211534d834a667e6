{{ config(materialized="table") }}
-- The stretches of time that are not exactly one interval of a clean point, each with its amount and how it is known:
-- counted, integrated (power), caught_up (a register that had stood still), substituted (no register bounds it), or gap.
with
    found as (

        select point_key, from_us, to_us, quantity, quantity_low, quantity_high, verdict
        from {{ ref("int_energy__register_stretch") }}

    ),

    caught_up as (select point_key, from_us, to_us from found where verdict = 'caught_up')

select
    point_key,
    from_us,
    reading_us as to_us,
    quantity,
    cast(null as decimal(18, 6)) as quantity_low,
    cast(null as decimal(18, 6)) as quantity_high,
    case when quantity is null then 'gap' when is_integrated then 'integrated' else 'counted' end as nature
from {{ ref("int_energy__step_plain") }}
where from_us is not null and not {{ is_exact_step("reading_us") }}
union all
select
    point_key,
    from_us,
    to_us,
    quantity,
    null,
    null,
    case when quantity is null then 'gap' when is_integrated then 'integrated' else 'counted' end
from {{ ref("int_energy__counted_stretch") }}
union all
select
    found.point_key,
    found.from_us,
    found.to_us,
    found.quantity,
    found.quantity_low,
    found.quantity_high,
    case
        when found.quantity is null
        then 'gap'
        when found.verdict in ('counted', 'stepped_back')
        then 'counted'
        when found.verdict in ('caught_up', 'clock_jumped', 'clock_behind')
        then 'caught_up'
        else 'substituted'
    end
from found
left join
    caught_up on found.point_key = caught_up.point_key and found.from_us >= caught_up.from_us and found.to_us < caught_up.to_us
where caught_up.point_key is null
union all
select point_key, from_us, to_us, null, null, null, 'gap'
from {{ ref("int_energy__open_end") }}
