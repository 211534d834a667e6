{{ config(materialized="table") }}
-- The pieces of long stretches. A stretch between two registers is spread as a like day has it, or evenly where nothing
-- is known of one, and adds up to the difference of the registers; what no register bounds holds what a like day has.
with
    weighed as (

        select
            pieces.*,
            points.substitution,
            weights.weight,
            pieces.piece_to_us - pieces.piece_from_us as piece_us,
            min(case when weights.weight is null then 0 else 1 end) over (
                partition by pieces.point_key, pieces.from_us, pieces.nature
            ) as is_known,
            sum(weights.weight) over (partition by pieces.point_key, pieces.from_us, pieces.nature) as whole_weight,
            sum(weights.weight) over (
                partition by pieces.point_key, pieces.from_us, pieces.nature
                order by pieces.bucket
                rows between unbounded preceding and current row
            ) as weight_so_far
        from {{ ref("int_energy__interval_piece") }} as pieces
        inner join {{ ref("int_energy__point") }} as points on pieces.point_key = points.point_key
        left join
            {{ ref("int_energy__interval_weight") }} as weights
            on pieces.point_key = weights.point_key
            and pieces.from_us = weights.from_us
            and pieces.bucket = weights.bucket
        where pieces.is_long

    ),

    shared as (

        select
            weighed.*,
            case
                when is_known = 1 and whole_weight > 0 then {{ whole_millionths("weight_so_far") }} else piece_to_us - from_us
            end as part_so_far,
            case when is_known = 1 and whole_weight > 0 then {{ whole_millionths("weight") }} else piece_us end as part,
            case
                when is_known = 1 and whole_weight > 0 then {{ whole_millionths("whole_weight") }} else to_us - from_us
            end as whole
        from weighed

    )

select
    point_key,
    from_us,
    to_us,
    bucket,
    nature,
    piece_us,
    case
        when nature = 'gap' and substitution = 'like_days'
        then weight
        when nature = 'gap' and substitution = 'zero'
        then cast(0 as decimal(18, 6))
        when nature = 'gap'
        then null
        when nature = 'substituted' and is_known = 1
        then weight
        else
            cast(
                {{ amount_in("quantity", "part_so_far", "whole") }}
                - {{ amount_in("quantity", "(part_so_far - part)", "whole") }} as decimal(18, 6)
            )
    end as quantity
from shared
