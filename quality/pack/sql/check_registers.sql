-- A register's month by two readings alone: (last - first) x scale is the sum of the declared intervals, wherever all of
-- them were measured, the register was read at both ends of the month and nothing happened to its meter. Each interval
-- was rounded by itself, so half a millionth is allowed for each. Rows that this query gives do not hold.
-- 逐月逐点核对：月末表底减月初表底，乘以倍率，等于各时段之和；查询结果应为空。
with
    months as (

        select month, min(hour_start_at) as begin_at, max(hour_start_at) + interval 1 hour as end_at
        from "meta"."calendar_hour"
        group by month

    ),

    sums as (

        select point_id, month, sum(quantity) as quantity, count(*) as interval_count
        from declared."energy.intervals"
        group by point_id, month
        having count(*) = count(*) filter (where quality = 'measured')

    ),

    held as (

        select point_id, reading_at, arg_max(value, epoch_us(known_at)) as value
        from "raw"."reading"
        where status not like 'bad%'
            and reading_at in (select begin_at from months union select end_at from months)
        group by point_id, reading_at
        having count(*) = 1

    ),

    pairs as (

        select
            sums.*,
            points.scale_to_quantity as scale,
            first_one.value as first_value,
            last_one.value as last_value,
            cast(last_one.value as decimal(28, 6)) - first_one.value
            + case when last_one.value < first_one.value then points.register_size else 0 end as difference
        from sums
        inner join months on sums.month = months.month
        inner join "intermediate"."int_energy__point" as points on sums.point_id = points.point_id
        inner join held as first_one on sums.point_id = first_one.point_id and months.begin_at = first_one.reading_at
        inner join held as last_one on sums.point_id = last_one.point_id and months.end_at = last_one.reading_at
        where points.kind = 'register' and points.meter_id not in (select meter_id from "ref"."meter_events")

    )

select point_id, month, first_value, last_value, scale, quantity as declared_quantity
from pairs
where abs(cast(difference as double) * cast(scale as double) - cast(quantity as double))
    > 0.0000005 * interval_count + 0.000000000001 * abs(cast(quantity as double))
order by point_id, month;
