-- The intervals made of short stretches only: what an interval is made of is known at both of its ends or nearly so. They
-- and the exact ones are what profiles are made from; what is spread by a profile never is.
with
    piece as (

        select
            point_key,
            bucket,
            nature,
            piece_from_us,
            piece_to_us,
            piece_from_us = from_us as begins_read,
            piece_to_us = to_us as ends_read,
            case
                when piece_from_us = from_us and piece_to_us = to_us
                then quantity
                else
                    cast(
                        {{ first_part("quantity", "(piece_to_us - from_us)", "(to_us - from_us)") }}
                        - {{ first_part("quantity", "(piece_from_us - from_us)", "(to_us - from_us)") }} as decimal(18, 6)
                    )
            end as quantity
        from {{ ref("int_energy__interval_piece") }}
        where not is_long

    )

select
    point_key,
    bucket,
    cast(sum(quantity) as decimal(18, 6)) as quantity,
    sum(piece_to_us - piece_from_us) as covered_us,
    max(case when nature = 'integrated' then 1 else 0 end) as has_integrated,
    max(case when nature = 'substituted' then 1 else 0 end) as has_substituted,
    max(case when begins_read and piece_from_us = bucket * {{ interval_us() }} then 1 else 0 end) as begins_read,
    max(case when ends_read and piece_to_us = (bucket + 1) * {{ interval_us() }} then 1 else 0 end) as ends_read
from piece
group by point_key, bucket
