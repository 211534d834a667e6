-- The intervals put together from pieces. An interval is only whole where pieces cover all of it.
-- quality: missing where a piece is unknown; estimated where a piece belongs to a stretch longer than a short gap;
-- measured where both ends were read; else interpolated, which power (a mean between samples) always is.
with
    assembled as (

        select
            point_key,
            bucket,
            sum(quantity) as quantity,
            sum(piece_to_us - piece_from_us) as covered_us,
            sum(case when quantity is null then 1 else 0 end) as unknown_pieces,
            max(case when is_long then 1 else 0 end) as has_long,
            max(case when is_integrated then 1 else 0 end) as has_integrated,
            max(case when begins_read and piece_from_us = bucket * {{ interval_us() }} then 1 else 0 end) as begins_read,
            max(case when ends_read and piece_to_us = (bucket + 1) * {{ interval_us() }} then 1 else 0 end) as ends_read
        from {{ ref("int_energy__interval_piece") }}
        group by point_key, bucket

    )

select
    point_key,
    bucket,
    case when unknown_pieces = 0 then cast(quantity as decimal(18, 6)) end as quantity,
    case
        when unknown_pieces > 0
        then 'missing'
        when has_long = 1
        then 'estimated'
        when has_integrated = 0 and begins_read = 1 and ends_read = 1
        then 'measured'
        else 'interpolated'
    end as quality
from assembled
where covered_us = {{ interval_us() }}
