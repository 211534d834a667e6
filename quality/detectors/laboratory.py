"""Finds laboratory results that look altered, that cannot be used, or that are missing where the method punishes it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from quality import tables
from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class _Doubt(NamedTuple):
    """What is wrong, with the columns of the query in braces; the query gives subject and organization_id."""

    name_zh: str
    name_en: str
    severity: str
    message_zh: str
    message_en: str
    query: str


# Carbon and heat of one sample are judged together too: their quotient, against the band of carbon for each GJ.
_DOUBTS = {
    "report_number_twice": _Doubt(
        "检测报告编号重复",
        "report number used twice",
        "high",
        "报告 {subject} 出现在 {count} 个样品上（{samples}）；请核对报告原件及二维码。",
        "Report {subject} stands for {count} samples ({samples}): look at the original and its code.",
        """
        select report_number as subject, any_value(organization_id) as organization_id,
            count(distinct sample_id) as count, string_agg(distinct sample_id, ', ' order by sample_id) as samples
        from ref.lab_results group by report_number, laboratory having count(distinct sample_id) > 1
        """,
    ),
    "sample_dated_twice": _Doubt(
        "同一样品采样日期不一致",
        "sample with two dates",
        "high",
        "样品 {subject} 的采样日期有 {first} 和 {last}；请核对采样记录。",
        "Sample {subject} was taken on {first} and on {last}: look at the sampling record.",
        """
        select sample_id as subject, any_value(organization_id) as organization_id,
            min(sampled_on) as first, max(sampled_on) as last
        from ref.lab_results group by sample_id having min(sampled_on) < max(sampled_on)
        """,
    ),
    "sample_after_report": _Doubt(
        "采样晚于报告",
        "sample dated after its report",
        "high",
        "样品 {subject} 采于 {sampled}，晚于报告 {report} 的日期 {reported}。",
        "Sample {subject} was taken on {sampled}, after the day {reported} of its report {report}.",
        """
        select distinct sample_id as subject, organization_id, report_number as report,
            sampled_on as sampled, reported_on as reported
        from ref.lab_results where sampled_on > reported_on
        """,
    ),
    "approved_before_report": _Doubt(
        "批准早于报告",
        "approved before its report",
        "medium",
        "样品 {subject} 的批准日期 {approved} 早于报告 {report} 的日期 {reported}。",
        "Sample {subject} was approved on {approved}, before the day {reported} of its report {report}.",
        """
        select distinct sample_id as subject, organization_id, report_number as report,
            approved_on as approved, reported_on as reported
        from ref.lab_results where approved_on < coalesce(reported_on, sampled_on)
        """,
    ),
    "sample_outside_month": _Doubt(
        "采样日期不在代表月份内",
        "sample outside the month it stands for",
        "high",
        "样品 {subject} 采于 {sampled}，却代表 {month} 月。",
        "Sample {subject} was taken on {sampled} and stands for the month of {month}.",
        """
        select distinct sample_id as subject, organization_id, sampled_on as sampled, strftime(month, '%Y-%m') as month
        from ref.lab_results where month is not null and date_trunc('month', sampled_on) <> date_trunc('month', month)
        """,
    ),
    "lab_result_unusable": _Doubt(
        "化验结果无法采用",
        "laboratory result that cannot be used",
        "medium",
        "样品 {subject} 已批准但未被采用，原因：{reason}（unit_not_of_property 单位不符、not_as_received 非收到基、"
        "moisture_missing 缺少水分）。",
        "Sample {subject} is approved and not used: {reason}.",
        """
        select sample_id || '/' || property as subject, organization_id, replace(reason_code, '_', ' ') as reason
        from ref.lab_values where is_approved and value is null
        """,
    ),
    "lab_value_off_band": _Doubt(
        "实测值偏离燃料的合理区间",
        "measured value off the band of its fuel",
        "medium",
        "样品 {subject} 的结果 {value} 不在 {low} 至 {high} 之间（{locator}）；请核对报告。",
        "The result {value} of sample {subject} is not between {low} and {high} ({locator}): look at the report.",
        """
        with samples as (
            select sample_id, organization_id, carrier, property, value
            from ref.lab_values where value is not null and is_approved
            union all
            select carbon.sample_id, carbon.organization_id, carbon.carrier, 'carbon_content_tc_per_gj',
                cast(carbon.value / heat.value as decimal(18, 9))
            from ref.lab_values as carbon
            inner join ref.lab_values as heat
                on carbon.sample_id = heat.sample_id and heat.property = 'gj_per_unit'
                and heat.value > 0 and heat.is_approved
            where carbon.property = 'carbon_content_tc_per_unit' and carbon.value is not null and carbon.is_approved
        ),
        expected as (
            select samples.sample_id, samples.property, samples.organization_id, samples.value, bands.locator,
                coalesce(bands.low, bands.intercept + bands.slope * other.value - bands.half_width) as low,
                coalesce(bands.high, bands.intercept + bands.slope * other.value + bands.half_width) as high
            from samples
            inner join ref.carriers as carriers on samples.carrier = carriers.carrier
            inner join ref.fuel_bands as bands
                on carriers.fuel_key = bands.fuel_key and samples.property = bands.property
            left join ref.lab_values as other
                on samples.sample_id = other.sample_id and bands.on_property = other.property
        )
        select distinct sample_id || '/' || property as subject, organization_id, value, low, high, locator
        from expected where value < low or value > high
        """,
    ),
}

#: The carbon that is added because nobody measured: emissions x (penal - default) / penal, both of the same fuel.
_MISSING = """
    with unmeasured as (
        select organization_id, carrier, value, valid_from, valid_to, factor_id from intermediate.int_factors__measured
        where rule = 'penal_default'
    ),
    usual as (
        select carrier, factor_set, carbon_content_tc_per_gj as value from intermediate.int_factors__fuel_emission
    )
    select rows.organization_id, rows.carrier, any_value(rows.carrier_name_zh), any_value(rows.carrier_name_en),
        any_value(unmeasured.value), any_value(unmeasured.factor_id), count(distinct rows.month),
        sum(rows.emissions_tco2),
        sum(rows.emissions_tco2 * (unmeasured.value - usual.value) / unmeasured.value)
    from carbon.emissions_monthly as rows
    inner join unmeasured
        on rows.organization_id = unmeasured.organization_id and rows.carrier = unmeasured.carrier
        and rows.month >= unmeasured.valid_from and rows.month < unmeasured.valid_to
    left join usual on rows.carrier = usual.carrier and rows.factor_set = usual.factor_set
    where rows.source_category = 'combustion' and rows.basis = 'statutory' and rows.gas = 'CO2'
        and rows.organization_id || rows.carrier not in (
            select organization_id || carrier from intermediate.int_factors__measured
            where property = 'carbon_content_tc_per_unit' and rows.month >= valid_from and rows.month < valid_to
        )
    group by rows.organization_id, rows.carrier having sum(rows.emissions_tco2) > 0
    order by rows.organization_id, rows.carrier
"""
_PRICE = """
    select try_cast(value as decimal(18, 2)), year, confidence from ref.ets_allocation
    where category = 'cea_price' and item_key = 'close' order by year desc limit 1
"""


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each doubtful result, and for each fuel whose missing measurement costs tonnes."""
    for kind, doubt in _DOUBTS.items():
        answer = connection.execute(doubt.query)
        names = [column[0] for column in answer.description or ()]
        for row in sorted(answer.fetchall(), key=str):
            cells = dict(zip(names, map(_plain, row), strict=True))
            yield Finding(
                kind=kind,
                kind_name_zh=doubt.name_zh,
                kind_name_en=doubt.name_en,
                severity=doubt.severity,
                source="lab_results",
                subject=str(cells["subject"]),
                organization_id=cells["organization_id"],
                message_zh=doubt.message_zh.format(**cells),
                message_en=doubt.message_en.format(**cells),
                evidence={name: cell for name, cell in cells.items() if name not in {"subject", "organization_id"}},
            )
    needed = (
        "intermediate.int_factors__measured",
        "intermediate.int_factors__fuel_emission",
        "carbon.emissions_monthly",
    )
    if all(tables.exists(connection, name) for name in needed):
        yield from _missing(connection)


def _missing(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    price = connection.execute(_PRICE).fetchone()
    for organization, carrier, zh, en, penal, factor_id, months, emitted, added in connection.execute(
        _MISSING
    ).fetchall():
        evidence = {"carrier": carrier, "carbon_tc_per_gj": penal, "factor_id": factor_id, "emissions_tco2": emitted}
        cost_zh = cost_en = ""
        if added is not None:
            evidence |= {"added_tco2": added}
            cost_zh, cost_en = (
                f"，比该燃料缺省值多计 {added:,.0f} tCO2",
                f", {added:,.0f} tCO2 more than by its default",
            )
            if price and price[0]:
                money = added * float(price[0])
                evidence |= {"cost_cny": round(money, 2), "price_cny_per_tco2": price[0], "price_year": price[1]}
                cost_zh += f"，按 {price[1]} 年末配额价 {price[0]} 元/吨约 {money:,.0f} 元"
                cost_en += f", about CNY {money:,.0f} at the allowance price of {price[1]} (CNY {price[0]}/t)"
        yield Finding(
            kind="measurement_missing",
            kind_name_zh="缺少元素碳实测值",
            kind_name_en="carbon content not measured",
            severity="high",
            source="lab_results",
            subject=f"{organization}/{carrier}",
            organization_id=organization,
            message_zh=f"{zh}有 {months} 个月没有经批准的元素碳含量实测值，"
            f"按惩罚性缺省值 {penal.normalize():f} tC/GJ 核算{cost_zh}。",
            message_en=f"{en} has no approved measurement of its carbon in {months} months: the penal default of "
            f"{penal.normalize():f} tC/GJ counts{cost_en}.",
            evidence=evidence,
        )


def _plain(cell: Any) -> Any:  # noqa: ANN401 - a cell of any type
    """Spell a decimal without the noughts at its end."""
    return f"{cell.normalize():f}" if isinstance(cell, Decimal) else cell
