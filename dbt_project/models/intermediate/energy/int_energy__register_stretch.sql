-- The steps of registers around doubtful readings by stretches of one transformer ratio. A step over a change of ratio is
-- divided as if the same power had passed all the time; what can have passed lies between the two ratios.
with
    part as (

        select
            steps.*,
            ratings.scale_to_quantity,
            ratings.most_counted,
            greatest(steps.from_us, ratings.from_us) as part_from_us,
            least(steps.to_us, ratings.to_us) as part_to_us,
            case
                when steps.from_us < ratings.from_us or steps.to_us > ratings.to_us
                then
                    {{
                        divide_decimal(
                            integer_divide(
                                "least(steps.to_us, ratings.to_us) - greatest(steps.from_us, ratings.from_us)", 1000000
                            ),
                            "ratings.scale_to_quantity",
                        )
                    }}
            end as counted_part
        from {{ ref("int_energy__register_estimate") }} as steps
        inner join
            {{ ref("int_energy__point_rating") }} as ratings
            on steps.point_key = ratings.point_key
            and steps.from_us < ratings.to_us
            and steps.to_us > ratings.from_us

    ),

    whole as (

        select
            part.*,
            count(*) over (partition by point_key, to_us, from_us) as parts,
            sum(counted_part) over (partition by point_key, to_us, from_us) as counted_whole,
            min(scale_to_quantity) over (partition by point_key, to_us, from_us) as least_scale,
            max(scale_to_quantity) over (partition by point_key, to_us, from_us) as greatest_scale
        from part

    ),

    shared as (

        select
            whole.*,
            case
                when parts = 1
                then amount
                else {{ amount_in("amount", whole_millionths("counted_part"), whole_millionths("counted_whole")) }}
            end as part_amount,
            case
                when parts = 1
                then coalesce(amount_low, amount)
                else {{ amount_in("coalesce(amount_low, amount)", "part_to_us - part_from_us", "to_us - from_us") }}
            end as part_low,
            case
                when parts = 1
                then coalesce(amount_high, amount)
                else {{ amount_in("coalesce(amount_high, amount)", "part_to_us - part_from_us", "to_us - from_us") }}
            end as part_high
        from whole

    )

select
    point_key,
    part_from_us as from_us,
    part_to_us as to_us,
    value,
    case when parts > 1 and amount_low is null then 'ratio_changed' else verdict end as verdict,
    case when abs(part_amount) <= most_counted then {{ scaled_amount("part_amount", "scale_to_quantity") }} end as quantity,
    case
        when (parts > 1 or amount_low is not null) and abs(part_low) <= most_counted
        then {{ scaled_amount("part_low", "least_scale") }}
    end as quantity_low,
    case
        when (parts > 1 or amount_low is not null) and abs(part_high) <= most_counted
        then {{ scaled_amount("part_high", "greatest_scale") }}
    end as quantity_high
from shared
where is_core
