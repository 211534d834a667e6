-- The steps of registers around doubtful readings with their amounts, in the unit the carrier is counted in. Where no
-- register bounds a step its amount is what the steps on either side make probable, within what can have passed: nothing
-- at least, at most what the rating allows, or three times what is probable.
with
    known as (

        select
            steps.*,
            case
                when verdict in ('counted', 'caught_up', 'stepped_back', 'clock_jumped', 'clock_behind')
                then case when verdict = 'counted' and difference < 0 then difference + register_size else difference end
            end as amount,
            case when verdict = 'caught_up' then moved_us else before_us end as from_us
        from {{ ref("int_energy__register_step") }} as steps
        where verdict <> 'unconfirmed'

    ),

    beside as (

        select
            known.*,
            lag(amount) over (partition by point_key order by reading_us, side) as amount_before,
            lag(reading_us - from_us) over (partition by point_key order by reading_us, side) as distance_before_us,
            lead(amount) over (partition by point_key order by reading_us, side) as amount_after,
            lead(reading_us - from_us) over (partition by point_key order by reading_us, side) as distance_after_us
        from known

    ),

    paced as (

        select
            beside.*,
            {{ amount_in("greatest(amount_before, 0)", "distance_us", "distance_before_us") }} as as_before,
            {{ amount_in("greatest(amount_after, 0)", "distance_us", "distance_after_us") }} as as_after
        from beside
        where verdict <> 'first'

    ),

    weighed as (

        select
            paced.*,
            coalesce(most, {{ amount_in("greatest(as_before, as_after)", "3", "1") }}) as amount_high,
            case
                when as_before is null
                then as_after
                when as_after is null
                then as_before
                else {{ round_decimal("0.5 * (cast(as_before as decimal(24, 6)) + as_after)") }}
            end as as_beside
        from paced

    )

select
    point_key,
    from_us,
    reading_us as to_us,
    value,
    is_core,
    verdict,
    coalesce(amount, least(as_beside, amount_high)) as amount,
    case when amount is null then cast(0 as decimal(18, 6)) end as amount_low,
    case when amount is null then cast(amount_high as decimal(18, 6)) end as amount_high
from weighed
