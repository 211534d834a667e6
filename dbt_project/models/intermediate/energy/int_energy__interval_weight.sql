-- depends_on: {{ ref('int_energy__point') }}
-- What each piece of a long stretch would hold on a like day: the mean of the point's measured intervals of the same
-- local time on days of the same kind (working week, weekend) in the eight weeks before the stretch; on days of either
-- kind where there is none of the same. In millionths, scaled to the length of the piece; no row where nothing is known.
with
    long_piece as (select * from {{ ref("int_energy__piece_long") }}),

    known as (

        select point_key, {{ integer_divide("from_us", interval_us()) }} as bucket, quantity
        from {{ ref("int_energy__step_plain") }}
        where from_us is not null and quantity is not null and {{ is_exact_step("reading_us") }}
        union all
        select point_key, bucket, quantity
        from {{ ref("int_energy__interval_short") }}
        where covered_us = {{ interval_us() }} and has_substituted = 0

    ),

    slotted as (

        select
            known.point_key,
            known.bucket,
            known.quantity,
            hours.local_date,
            hours.is_weekend,
            {{ local_slot("known.bucket", "hours.local_hour") }} as local_slot
        from known
        inner join (select distinct point_key from long_piece) as wanted on known.point_key = wanted.point_key
        inner join {{ source("meta", "history_hour") }} as hours on {{ hour_of_bucket("known.bucket") }} = hours.hour_number

    ),

    {% if not rebuilds_whole("intervals") -%}
        work as (

            select points.point_key, pairs.local_date
            from {{ source("meta", "work") }} as pairs
            inner join {{ ref("int_energy__point") }} as points on pairs.point_id = points.point_id

        ),

        published as (

            select
                wanted.point_key,
                {{ integer_divide(epoch_us("intervals.period_start_at"), interval_us()) }} as bucket,
                intervals.quantity,
                intervals.local_date
            from {{ source("published", "energy__intervals") }} as intervals
            inner join {{ ref("int_energy__point") }} as points on intervals.point_id = points.point_id
            inner join (select distinct point_key from long_piece) as wanted on points.point_key = wanted.point_key
            where intervals.quality in ('measured', 'interpolated')

        ),

    {%- endif %}

    alike as (

        {% if rebuilds_whole("intervals") -%}select * from slotted
        {%- else -%}
            select slotted.*
            from slotted
            inner join work on slotted.point_key = work.point_key and slotted.local_date = work.local_date
            union all
            select
                published.point_key,
                published.bucket,
                published.quantity,
                published.local_date,
                hours.is_weekend,
                {{ local_slot("published.bucket", "hours.local_hour") }}
            from published
            inner join
                {{ source("meta", "history_hour") }} as hours on {{ hour_of_bucket("published.bucket") }} = hours.hour_number
            left join work on published.point_key = work.point_key and published.local_date = work.local_date
            where work.point_key is null
        {%- endif %}

    ),

    found as (

        select
            long_piece.point_key,
            long_piece.from_us,
            long_piece.bucket,
            long_piece.piece_to_us - long_piece.piece_from_us as piece_us,
            sum(case when alike.is_weekend = long_piece.is_weekend then alike.quantity end) as same_kind,
            sum(case when alike.is_weekend = long_piece.is_weekend then 1 else 0 end) as same_kind_count,
            sum(alike.quantity) as any_day,
            count(*) as any_day_count
        from long_piece
        inner join
            alike
            on long_piece.point_key = alike.point_key
            and long_piece.local_slot = alike.local_slot
            and (alike.bucket + 1) * {{ interval_us() }} <= long_piece.from_us
            and alike.bucket * {{ interval_us() }} >= long_piece.from_us - {{ profile_us() }}
        group by long_piece.point_key, long_piece.from_us, long_piece.bucket, long_piece.piece_to_us, long_piece.piece_from_us

    )

select
    point_key,
    from_us,
    bucket,
    cast(
        {{
            amount_in(
                "greatest(case when same_kind_count > 0 then same_kind else any_day end, 0)",
                "piece_us",
                "case when same_kind_count > 0 then same_kind_count else any_day_count end * " ~ interval_us(),
            )
        }} as decimal(18, 6)
    ) as weight
from found
