"""The intervals: none counted twice, none off the grid, none negative where it was measured."""

from quality.suite import Expectation, Suite

#: An interval's place in its month is a bit; a bit that is set twice is an interval counted twice. Exact and cheap.
SUITE = Suite(
    name="energy_intervals",
    mart="energy.intervals",
    needs=("energy.intervals", "ref.site", "ref.points"),
    sql="""
        with site as (
            select cast(interval_minutes as bigint) * 60 as step_s from ref.site
        ),

        placed as (
            select
                point_id,
                month,
                quantity,
                quality,
                (epoch(period_start_at) - epoch(month::timestamptz)) / step_s + 2976 as slot
            from energy.intervals, site
            where {rebuilt}
        ),

        by_point as (
            select
                placed.point_id,
                count(*) - bit_count(bitstring_agg(slot::integer, 0, 99999)) as twice_count,
                count(*) filter (where slot <> floor(slot)) as off_grid_count,
                count(*) filter (where quantity < 0 and quality = 'measured') as negative_count,
                count(*) filter (where (quantity is null) <> (quality = 'missing')) as mislabelled_count
            from placed
            group by placed.point_id, placed.month
        )

        select
            coalesce(sum(twice_count), 0)::bigint as twice_count,
            coalesce(sum(off_grid_count), 0)::bigint as off_grid_count,
            coalesce(sum(negative_count) filter (where points.kind = 'register'), 0)::bigint as negative_count,
            coalesce(sum(mislabelled_count), 0)::bigint as mislabelled_count
        from by_point
        inner join ref.points as points on by_point.point_id = points.point_id
    """,
    expectations=(
        Expectation(
            "no_interval_is_counted_twice",
            "twice_count",
            "没有重复计算的区间",
            "No interval is counted twice",
            "同一测点同一区间出现两次，会使能耗翻倍",
            "A point's interval that stands twice doubles its energy",
            at_most=0,
        ),
        Expectation(
            "every_interval_lies_on_the_grid",
            "off_grid_count",
            "区间对齐站点网格",
            "Every interval lies on the grid",
            "区间错位会把一个小时变成跨两个小时",
            "A shifted interval turns an hour into quarter past to quarter past",
            at_most=0,
        ),
        Expectation(
            "no_measured_interval_is_negative",
            "negative_count",
            "实测区间不为负",
            "No measured interval is negative",
            "累计表不会倒走，负值说明倒走被当作用量",
            "A register does not run backwards; a negative amount means a step back was booked as consumption",
            at_most=0,
        ),
        Expectation(
            "missing_is_null_and_null_is_missing",
            "mislabelled_count",
            "缺失为空且标明",
            "Missing is null and null is missing",
            "缺失不是零，空值必须带有质量标记",
            "A gap is not a zero, and an empty quantity says that it is missing",
            at_most=0,
        ),
    ),
)
