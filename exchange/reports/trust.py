"""Whether the figures can be trusted: the instruments, what was estimated, what is missing, what is open."""

from exchange.reports.document import Column, Draft
from exchange.reports.figures import Figures
from exchange.reports.units import amount, exact, percent, shown

_OF_PERIOD = "organization_id = $organization and month between $first and $last"
_BELOW = """organization_id in (
    select organization_id from reference.organizations where $organization in (organization_id, parent_id)
)"""


def instruments(draft: Draft, figures: Figures) -> None:
    """Add the section of instruments: how they stood in the period, and the equipping rates."""
    draft.section("计量器具", "Instruments")
    draft.heading("状态汇总", "Summary")
    query = f"""
        with latest as (
            select meter_id, any_value(carrier) as carrier, max_by(verdict_name_zh, month) as verdict_name_zh,
                max_by(verdict_name_en, month) as verdict_name_en, sum(expected) as expected, sum(received) as received
            from quality.meter_trust where {_BELOW} and month between $first and $last group by meter_id
        )
        select coalesce(carriers.carrier_name_zh, latest.carrier) as carrier_name_zh,
            coalesce(carriers.carrier_name_en, latest.carrier) as carrier_name_en, verdict_name_zh, verdict_name_en,
            count(*) as meters_count, sum(received) / nullif(sum(expected), 0) as completeness_ratio
        from latest left join (select distinct carrier, carrier_name_zh,
            carrier_name_en from reference.carriers) as carriers
            on latest.carrier = carriers.carrier
        group by all order by 2, 4
    """
    rows = [
        (
            figures.name(row, "carrier_name") or draft.say("工况参数", "states"),
            figures.name(row, "verdict_name"),
            exact(row["meters_count"]),
            percent(row["completeness_ratio"]),
        )
        for row in figures.rows(query)
    ]
    columns = [Column(draft.say("测量对象", "Measures")), Column(draft.say("判定（期末）", "Verdict at the end"))]
    columns += [
        Column(draft.say("器具数", "Instruments"), is_number=True),
        Column(draft.say("读数完整率", "Completeness"), "%", is_number=True),
    ]
    draft.table(("计量器具状态", "State of the instruments"), columns, rows)
    _doubtful(draft, figures)
    _rates(draft, figures)


def _doubtful(draft: Draft, figures: Figures) -> None:
    query = f"""
        select meter_id, model, accuracy_class, calibration_due_on, verdict_name_zh, verdict_name_en,
            min(month) as first, max(month) as last
        from quality.meter_trust where {_BELOW} and month between $first and $last and verdict not in ('trusted',
            'untested')
        group by all order by meter_id, first
    """
    found = figures.rows(query)
    draft.heading("须关注的计量器具", "Instruments to look at")
    if not found:
        draft.text(
            "报告期内没有过期或被怀疑的计量器具。", "No instrument was out of calibration or doubted in the period."
        )
        return
    rows = [
        (
            row["meter_id"],
            row["model"],
            row["accuracy_class"],
            str(row["calibration_due_on"] or "") or None,
            figures.name(row, "verdict_name"),
            f"{row['first']:%Y-%m} – {row['last']:%Y-%m}",
        )
        for row in found
    ]
    titles = [
        ("计量器具", "Instrument"),
        ("型号", "Model"),
        ("等级", "Class"),
        ("检定有效期至", "Calibration valid until"),
    ]
    titles += [("判定", "Verdict"), ("月份", "Months")]
    columns = [Column(draft.say(*title)) for title in titles]
    draft.table(("过期或被怀疑的计量器具", "Out of calibration or doubted"), columns, rows)


def _rates(draft: Draft, figures: Figures) -> None:
    query = "from quality.equipping_rates where organization_id = $organization order by energy_kind, gb17167_level"
    found = figures.rows(query)
    if not found:
        return
    rows = [
        (
            figures.name(row, "energy_kind_name"),
            figures.name(row, "gb17167_level_name"),
            exact(row["due_count"]),
            exact(row["equipped_count"]),
            percent(row["equipping_ratio"], 1),
            percent(row["required_ratio"], 1),
            figures.name(row, "met_name"),
        )
        for row in found
    ]
    numbers = [("应配", "Due", ""), ("实配", "Equipped", ""), ("配备率", "Rate", "%"), ("要求", "Required", "%")]
    columns = [Column(draft.say("能源种类", "Energy")), Column(draft.say("级别", "Level"))]
    columns += [Column(draft.say(zh, en), unit, is_number=True) for zh, en, unit in numbers]
    columns += [Column(draft.say("结论", "Result"))]
    draft.heading("计量器具配备率（GB 17167）", "Equipping rates (GB 17167)")
    note = (
        "GB 17167 的配备率要求凭记忆录入，须核对原文。",
        "The required rates of GB 17167 are recalled: check the text.",
    )
    draft.table(("计量器具配备率", "Equipping rates"), columns, rows, notes=[note])


def gaps(draft: Draft, figures: Figures, *, with_emissions: bool = True) -> None:
    """Add the section of what was estimated, what is missing, and the findings that are open."""
    draft.section("估算、缺失与未决问题", "Estimated, missing and open")
    draft.heading("能源数据的估算与缺失", "Energy: estimated and missing")
    query = f"""
        select carrier, carrier_name_zh, carrier_name_en, quantity_unit, sum(quantity) as quantity,
            max(estimated_ratio) as estimated_ratio,
            max(missing_ratio) as missing_ratio
        from energy.consumption_monthly
        where {_OF_PERIOD} and energy_unit_id = $root and is_counted group by all order by carrier_name_en
    """
    rows = [
        (
            figures.name(row, "carrier_name"),
            amount(row["quantity"], row["quantity_unit"]),
            shown(row["quantity_unit"]),
            percent(row["estimated_ratio"]),
            percent(row["missing_ratio"]),
        )
        for row in figures.rows(query, root=figures.organization["root_energy_unit_id"])
    ]
    columns = [Column(draft.say("能源", "Energy")), Column(draft.say("消耗量", "Quantity"), is_number=True)]
    columns += [Column(draft.say("单位", "Unit"))]
    columns += [
        Column(draft.say("最大月估算占比", "Largest estimated share of a month"), "%", is_number=True),
        Column(draft.say("最大月缺失占比", "Largest missing share of a month"), "%", is_number=True),
    ]
    draft.table(("估算与缺失", "Estimated and missing"), columns, rows)
    if with_emissions:
        _missing(draft, figures)
    _findings(draft, figures)


def _missing(draft: Draft, figures: Figures) -> None:
    draft.heading("没有数值的排放源", "Lines without a number")
    query = f"""
        select source_category_name_zh, source_category_name_en, carrier, carrier_name_zh, carrier_name_en,
            null_reason_name_zh,
            null_reason_name_en, activity_unit, sum(activity) as activity, count(distinct month) as months_count
        from carbon.emissions_monthly where {_OF_PERIOD} and null_reason is not null and basis in ('all', 'statutory')
        group by source_category_name_zh, source_category_name_en, carrier, carrier_name_zh, carrier_name_en,
            null_reason_name_zh,
            null_reason_name_en, activity_unit, basis
    """
    found = {
        (row["source_category_name_en"], row["carrier_name_en"], row["null_reason_name_en"]): row
        for row in figures.rows(query)
    }
    if not found:
        draft.text("全部排放源都有数值。", "Every line has a number.")
        return
    rows = [
        (
            figures.name(row, "source_category_name"),
            figures.name(row, "carrier_name"),
            amount(row["activity"], row["activity_unit"]),
            shown(row["activity_unit"]),
            exact(row["months_count"]),
            figures.name(row, "null_reason_name"),
        )
        for _, row in sorted(found.items())
    ]
    columns = [Column(draft.say("排放源", "Source")), Column(draft.say("燃料 / 物料", "Fuel or material"))]
    columns += [Column(draft.say("活动水平", "Activity"), is_number=True), Column(draft.say("单位", "Unit"))]
    columns += [Column(draft.say("月数", "Months"), is_number=True), Column(draft.say("原因", "Reason"))]
    draft.table(("没有数值、未计入合计的排放源", "Lines without a number, in no total"), columns, rows)


def _findings(draft: Draft, figures: Figures) -> None:
    draft.heading("未决问题", "Open findings")
    query = f"select * from quality.findings where {_BELOW} and state = 'open' order by severity, kind, subject"
    rows = [
        (figures.name(row, "kind_name"), row["subject"], figures.name(row, "message")) for row in figures.rows(query)
    ]
    if not rows:
        draft.text("没有未决问题。", "There are no open findings.")
        return
    titles = [("类别", "Kind"), ("对象", "Subject"), ("说明", "What was found")]
    note = ("未决问题为发布时的状态。", "Findings as they stood when the marts were published.")
    draft.table(("未决问题", "Open findings"), [Column(draft.say(*title)) for title in titles], rows, notes=[note])
