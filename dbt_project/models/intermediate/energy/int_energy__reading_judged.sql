{{ config(materialized="table") }}
-- The readings around the doubtful ones, each with the reason why it is refused, if it is: a glitch of one reading, then
-- of two and of three, judged among those that are left; or more than the rating of the point allows.
with
    register as (select * from {{ ref("int_energy__reading_in_epoch") }} where is_register),

    alone as ({{ refused_runs("register", 1) }}),

    after_alone as (select * from alone where not is_refused),

    pair as ({{ refused_runs("after_alone", 2) }}),

    after_pair as (select * from pair where not is_refused),

    three as ({{ refused_runs("after_pair", 3) }}),

    decided as (

        select point_key, reading_us, side, cast('glitch' as string) as refusal
        from alone
        where is_refused
        union all
        select point_key, reading_us, side, cast('glitch' as string)
        from pair
        where is_refused
        union all
        select point_key, reading_us, side, cast('glitch' as string)
        from three
        where is_refused

    )

select
    readings.*,
    coalesce(
        decided.refusal,
        case
            when readings.is_interval and abs(readings.value) > readings.most_per_interval
            then 'beyond_rating'
            when readings.is_power and abs(readings.value) > readings.most_per_h
            then 'beyond_rating'
        end
    ) as refusal
from {{ ref("int_energy__reading_in_epoch") }} as readings
left join
    decided
    on readings.point_key = decided.point_key
    and readings.reading_us = decided.reading_us
    and readings.side = decided.side
