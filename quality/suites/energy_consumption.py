"""Consumption marts: hours, days and months say the same, ratios are ratios, a park is its members."""

from quality.suite import Expectation, Suite

_GRAIN = "energy_unit_id, carrier, use_type, role, quantity_unit"

PERIODS = Suite(
    name="energy_consumption_periods",
    mart="energy.consumption_monthly",
    needs=("energy.consumption_hourly", "energy.consumption_daily", "energy.consumption_monthly"),
    sql=f"""
        with hourly as (
            select {_GRAIN}, local_date, sum(quantity) as quantity, sum(energy_gj) as energy_gj
            from energy.consumption_hourly where {{rebuilt}} group by {_GRAIN}, local_date
        ),

        daily as (
            select {_GRAIN}, month, sum(quantity) as quantity, sum(energy_gj) as energy_gj
            from energy.consumption_daily where {{rebuilt}} group by {_GRAIN}, month
        ),

        against_hours as (
            select count(*) as differing
            from hourly
            full join (select * from energy.consumption_daily where {{rebuilt}}) as daily
                using ({_GRAIN}, local_date)
            where hourly.quantity is distinct from daily.quantity or hourly.energy_gj is distinct from daily.energy_gj
        ),

        against_days as (
            select count(*) as differing
            from daily
            full join (select * from energy.consumption_monthly where {{rebuilt}}) as monthly
                using ({_GRAIN}, month)
            where daily.quantity is distinct from monthly.quantity or daily.energy_gj is distinct from monthly.energy_gj
        ),

        months as (
            select
                count(*) - count(distinct ({_GRAIN}, month)) as repeated_count,
                min(estimated_ratio) as least_ratio,
                max(greatest(estimated_ratio, missing_ratio)) as largest_ratio
            from energy.consumption_monthly where {{rebuilt}}
        )

        select
            against_hours.differing as daily_differs_count,
            against_days.differing as monthly_differs_count,
            months.repeated_count,
            months.least_ratio::double as least_ratio,
            months.largest_ratio::double as largest_ratio
        from against_hours, against_days, months
    """,
    expectations=(
        Expectation(
            "days_equal_their_hours",
            "daily_differs_count",
            "日用量等于小时用量之和",
            "Days equal their hours",
            "同一电量在不同粒度上必须逐位一致，否则报表之间对不上",
            "The same energy must agree to the last digit at every grain, or reports contradict each other",
            at_most=0,
        ),
        Expectation(
            "months_equal_their_days",
            "monthly_differs_count",
            "月用量等于日用量之和",
            "Months equal their days",
            "申报使用月数据，核查使用日数据，两者必须一致",
            "Declarations use months and verifiers use days; both must say the same",
            at_most=0,
        ),
        Expectation(
            "no_month_twice",
            "repeated_count",
            "没有重复的月度行",
            "No month twice",
            "重复行会使能耗翻倍",
            "A repeated row doubles the energy",
            at_most=0,
        ),
        Expectation(
            "ratios_are_not_negative",
            "least_ratio",
            "比例不小于 0",
            "Ratios are not negative",
            "比例为负说明估算电量计算有误",
            "A negative share of estimates is an error of ours",
            at_least=0,
        ),
        Expectation(
            "ratios_are_not_above_one",
            "largest_ratio",
            "比例不大于 1",
            "Ratios are not above one",
            "比例大于 1 说明估算电量计算有误",
            "A share above one is an error of ours",
            at_most=1,
        ),
    ),
)

PARK = Suite(
    name="energy_consumption_park",
    mart="energy.consumption_monthly",
    needs=("energy.consumption_monthly", "ref.organizations"),
    sql="""
        with roots as (
            select organization_id, month, carrier, use_type, role, quantity_unit, quantity
            from energy.consumption_monthly
            where level = organization_level and is_counted and {rebuilt}
        ),

        members as (
            select
                organizations.parent_id as organization_id, month, carrier, use_type, role, quantity_unit,
                sum(quantity) as quantity
            from roots
            inner join ref.organizations as organizations on roots.organization_id = organizations.organization_id
            where organizations.parent_id is not null and role <> 'internal_purchase'
            group by all
        ),

        heads as (
            select * from roots where organization_id in (select parent_id from ref.organizations)
        )

        select
            coalesce(max(abs(coalesce(heads.quantity, 0) - coalesce(members.quantity, 0))), 0)::double as difference,
            count(*) filter (where heads.role = 'internal_purchase') as internal_count
        from heads
        full join members using (organization_id, month, carrier, use_type, role, quantity_unit)
    """,
    expectations=(
        Expectation(
            "a_park_is_its_members",
            "difference",
            "园区等于成员单位之和",
            "A park is its members",
            "园区总量等于各单位从园区外取得的能源之和",
            "A park's total is what its organisations take from outside the park",
            at_most=0.001,
        ),
        Expectation(
            "internal_transfers_are_not_counted_twice",
            "internal_count",
            "园区内部交易不重复计入",
            "Internal transfers are not counted twice",
            "园区内部购售的电和蒸汽若计入总量，会被计算两次",
            "Steam and power sold inside the park would be counted twice",
            at_most=0,
        ),
    ),
)

SUITES = (PERIODS, PARK)
