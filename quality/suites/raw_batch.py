"""The raw door: the batches that arrived since the last publication, one row each."""

from quality.suite import Expectation, Suite

SUITE = Suite(
    name="raw_batch",
    mart="raw.batch",
    needs=("new_batch", "new_reading", "quarantine.reading"),
    sql="""
        with landed as (
            select
                batch_id,
                count(*) as kept_count,
                count(*) filter (where status like 'bad%') as bad_count,
                min(epoch(reading_at)) as first_s,
                max(epoch(reading_at)) as last_s
            from new_reading
            group by batch_id
        ),

        refused as (
            select batch_id, count(*) as kept_count from quarantine.reading group by batch_id
        ),

        arrived as (
            select
                batch_id,
                max(source) as source,
                max(epoch(received_at)) as received_s,
                sum(rows_read) as rows_read,
                sum(rows_landed) as rows_landed,
                sum(rows_repeated) as rows_repeated,
                sum(rows_refused) as rows_refused
            from new_batch
            where entity = 'reading'
            group by batch_id
        )

        select
            arrived.batch_id,
            abs(rows_read - rows_landed - rows_repeated - rows_refused)::bigint as unaccounted_count,
            abs(rows_landed - coalesce(landed.kept_count, 0))::bigint as lost_count,
            greatest(rows_refused - coalesce(refused.kept_count, 0), 0)::bigint as forgotten_count,
            case when sum(rows_read) over by_source >= 100
                then sum(rows_refused) over by_source / sum(rows_read) over by_source end as refused_ratio,
            case when landed.kept_count > 0 then bad_count / landed.kept_count end as bad_ratio,
            last_s - received_s as ahead_s,
            year(to_timestamp(first_s)) as first_year
        from arrived
        left join landed on arrived.batch_id = landed.batch_id
        left join refused on arrived.batch_id = refused.batch_id
        window by_source as (partition by arrived.source)
    """,
    expectations=(
        Expectation(
            "every_row_is_accounted_for",
            "unaccounted_count",
            "每行数据均有去向",
            "Every row is accounted for",
            "读取的行必须等于入湖、重复与拒收之和，否则有数据被静默丢弃",
            "Rows read must be landed, repeated or refused; anything else was dropped in silence",
            at_most=0,
        ),
        Expectation(
            "no_reading_from_the_future",
            "ahead_s",
            "没有来自未来的读数",
            "No reading from the future",
            "时钟错误的读数会落入错误的时段，入湖时应已被隔离",
            "A wrong clock books energy into the wrong period; the door should have refused it",
            at_most=600,
        ),
        Expectation(
            "landed_rows_are_in_raw",
            "lost_count",
            "入湖行数与原始表一致",
            "Landed rows are in raw",
            "批次记录与原始表行数不一致，说明写入中断后被重放",
            "A batch that counts other rows than raw holds was interrupted and replayed",
            at_most=0,
            is_blocking=False,
        ),
        Expectation(
            "refused_rows_are_in_quarantine",
            "forgotten_count",
            "拒收行均在隔离区",
            "Refused rows are in quarantine",
            "被拒收的行只能隔离，不能消失",
            "A refused row is kept with its reason, never dropped",
            at_most=0,
        ),
        Expectation(
            "few_rows_are_refused",
            "refused_ratio",
            "拒收比例较低",
            "Few rows are refused",
            "一个来源大量拒收，多为点表或时区配置错误",
            "A source that is mostly refused points at a wrong point table or time zone",
            at_most=0.05,
            is_blocking=False,
        ),
        Expectation(
            "few_readings_are_bad",
            "bad_ratio",
            "坏值比例较低",
            "Few readings are bad",
            "来源自报坏值过多，说明仪表或通信需要检修",
            "A sender that calls its own values bad wants its meter or its line repaired",
            at_most=0.2,
            is_blocking=False,
        ),
        Expectation(
            "no_reading_before_1990",
            "first_year",
            "没有 1990 年以前的读数",
            "No reading before 1990",
            "时钟复位的设备会从 1970 或 1980 年开始上报",
            "A device whose clock was reset reports from 1970 or 1980",
            at_least=1990,
            is_blocking=False,
        ),
    ),
)
