{{ config(materialized="table") }}
-- The intervals put together from pieces. An interval is only whole where pieces cover all of it.
-- quality: missing where a piece is unknown; substituted where no register bounds a piece; estimated where one belongs to
-- a stretch longer than a short gap; measured where both ends were read; else interpolated, which power (a mean between
-- samples) always is.
with
    part as (

        select
            point_key,
            bucket,
            quantity,
            covered_us,
            0 as is_unknown,
            has_substituted,
            0 as has_long,
            has_integrated,
            begins_read,
            ends_read
        from {{ ref("int_energy__interval_short") }}
        union all
        select
            point_key,
            bucket,
            quantity,
            piece_us,
            case when quantity is null then 1 else 0 end,
            case when nature in ('substituted', 'gap') then 1 else 0 end,
            1,
            0,
            0,
            0
        from {{ ref("int_energy__interval_long") }}

    ),

    assembled as (

        select
            point_key,
            bucket,
            sum(quantity) as quantity,
            sum(covered_us) as covered_us,
            max(is_unknown) as is_unknown,
            max(has_substituted) as has_substituted,
            max(has_long) as has_long,
            max(has_integrated) as has_integrated,
            max(begins_read) as begins_read,
            max(ends_read) as ends_read
        from part
        group by point_key, bucket

    )

select
    point_key,
    bucket,
    case when is_unknown = 0 then cast(quantity as decimal(18, 6)) end as quantity,
    case
        when is_unknown = 1
        then 'missing'
        when has_substituted = 1
        then 'substituted'
        when has_long = 1
        then 'estimated'
        when has_integrated = 0 and begins_read = 1 and ends_read = 1
        then 'measured'
        else 'interpolated'
    end as quality
from assembled
where covered_us = {{ interval_us() }}
