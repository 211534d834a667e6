"""Completeness: shares between nothing and everything, parts no larger than the whole."""

from quality.suite import Expectation, Suite

SUITE = Suite(
    name="quality_completeness",
    mart="quality.completeness_daily",
    needs=("quality.completeness_daily",),
    sql="""
        select
            min(completeness_ratio)::double as least_ratio,
            max(greatest(completeness_ratio, estimated_ratio))::double as largest_ratio,
            count(*) filter (where received + estimated_count + missing_count <> expected) as unequal_count,
            coalesce(sum(received) / nullif(sum(expected), 0), 1)::double as received_ratio
        from quality.completeness_daily
        where {rebuilt}
    """,
    expectations=(
        Expectation(
            "completeness_is_not_negative",
            "least_ratio",
            "完整率不小于 0",
            "Completeness is not negative",
            "完整率为负说明期望区间计算有误",
            "A negative completeness is an error of ours",
            at_least=0,
        ),
        Expectation(
            "completeness_is_not_above_one",
            "largest_ratio",
            "完整率不大于 1",
            "Completeness is not above one",
            "完整率大于 1 说明有区间被重复计算",
            "More received than expected means intervals were counted twice",
            at_most=1,
        ),
        Expectation(
            "every_expected_interval_has_a_fate",
            "unequal_count",
            "每个应有区间均有去向",
            "Every expected interval has a fate",
            "应有区间必须是收到、估算或缺失之一",
            "An expected interval is received, estimated or missing",
            at_most=0,
        ),
        Expectation(
            "most_intervals_arrived",
            "received_ratio",
            "大部分区间已收到",
            "Most intervals arrived",
            "完整率低于 90 % 的月份不宜直接申报",
            "A month with less than nine tenths of its intervals should not be declared as it is",
            at_least=0.9,
            is_blocking=False,
        ),
    ),
)
