"""What emissions are made from: activity with its instruments, factors with their documents, how sure both are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from exchange.reports.document import Cell, Column, Draft, Number
from exchange.reports.figures import Figures, Row
from exchange.reports.units import amount, exact, percent, shown, tonnes

_OF_PERIOD = "organization_id = $organization and month between $first and $last"
_YEAR = "year = $year and basis = 'statutory'"


def activity(draft: Draft, figures: Figures) -> None:
    """Add the section of activity data: quantity, what it was read from, and the instruments."""
    draft.section("活动数据及来源", "Activity data and their sources", is_wide=True)
    lines: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in _lines(figures):
        lines[row["source_category"], row["carrier"], row["activity_unit"], row["is_internal"]].append(row)
    sources = _sources(figures)
    months = sorted({row["month"] for rows in lines.values() for row in rows})
    table, by_month = [], []
    for rows in lines.values():
        first = rows[0]
        unit, total = first["activity_unit"], _sum(row["activity"] for row in rows)
        inside = draft.say("（园区内）", " (inside the park)") if first["is_internal"] else ""
        label = (figures.name(first, "source_category_name"), figures.name(first, "carrier_name") + inside)
        found = sources.get((first["source_category"], first["carrier"], first["is_internal"]), [])
        estimated = max((row["estimated_ratio"] for row in rows if row["estimated_ratio"] is not None), default=None)
        table.append((*label, amount(total, unit), shown(unit), _from(draft, found), percent(estimated)))
        known = {row["month"]: row["activity"] for row in rows}
        cells = [amount(known.get(month), unit) for month in months]
        by_month.append((" / ".join(label), shown(unit), *cells, amount(total, unit)))
    titles = [("排放源", "Source"), ("燃料 / 物料 / 能源", "Fuel, material or energy")]
    columns = [Column(draft.say(*title)) for title in titles]
    columns += [
        Column(draft.say("活动水平", "Activity"), is_number=True),
        Column(draft.say("单位", "Unit")),
        Column(draft.say("数据来源（计量器具或申报）", "Read from: instruments, or declared")),
        Column(draft.say("最大月估算占比", "Largest estimated share of a month"), "%", is_number=True),
    ]
    draft.table(("活动水平", "Activity"), columns, table)
    if figures.period.is_year and months:
        columns = [Column(draft.say("排放源 / 能源", "Source / fuel")), Column(draft.say("单位", "Unit"))]
        columns += [Column(f"{month:%Y-%m}", is_number=True) for month in months]
        columns += [Column(draft.say("合计", "Total"), is_number=True)]
        draft.table(("逐月活动水平", "Activity by month"), columns, by_month)
    _instruments(
        draft, figures, sorted({one["input_id"] for rows in sources.values() for one in rows if one["is_meter"]})
    )


def _lines(figures: Figures) -> list[dict[str, Any]]:
    """Return the activity of each line and month once, however many factors it met."""
    query = f"""
        select source_category, source_category_name_zh, source_category_name_en, carrier, carrier_name_zh,
            carrier_name_en,
            activity_unit, is_internal, month, sum(activity) as activity,
                max(largest_estimated_ratio) as estimated_ratio
        from carbon.emissions_monthly where {_OF_PERIOD} and basis = 'statutory' and gas = 'CO2'
        group by all order by source_category, carrier, is_internal, month
    """
    return figures.rows(query)


def _sources(figures: Figures) -> Mapping[tuple[Any, ...], list[Row]]:
    """Return the meters and declarations behind each activity of the year, the largest share first."""
    below = "select organization_id from reference.organizations where $organization in (organization_id, parent_id)"
    query = f"""
        select source_category, carrier, is_internal, input_id, input_kind = 'meter' as is_meter,
            max(share_ratio) as share_ratio
        from carbon.uncertainty_inputs_annual
        where organization_id in ({below}) and {_YEAR} and property = 'activity'
        group by all order by share_ratio desc, input_id
    """
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in figures.rows(query, year=figures.period.first.year):
        found[row["source_category"], row["carrier"], row["is_internal"]].append(row)
    return found


def _from(draft: Draft, found: Sequence[Row]) -> str:
    if not found:
        return draft.say("未说明", "not told")
    declared = draft.say("申报：", "declared: ")
    return ", ".join(str(one["input_id"]) if one["is_meter"] else f"{declared}{one['input_id']}" for one in found)


def _instruments(draft: Draft, figures: Figures, meters: Sequence[str]) -> None:
    query = """
        select meter_id, any_value(energy_unit_name_zh) as unit_name_zh, any_value(energy_unit_name_en) as unit_name_en,
            any_value(meter_model) as model, any_value(accuracy_class) as accuracy_class,
                any_value(calibrated_on) as calibrated_on,
            any_value(calibration_due_on) as due_on, any_value(carrier_name_zh) as carrier_name_zh,
            any_value(carrier_name_en) as carrier_name_en
        from reference.points where meter_id in (select unnest($meters)) group by meter_id order by meter_id
    """
    people = {row["person_id"]: figures.name(row, "name") for row in figures.thing("people")}
    kept = {row["meter_id"]: people.get(row["person_id"]) for row in figures.thing("meters")}
    rows = [
        (
            row["meter_id"],
            figures.name(row, "unit_name"),
            figures.name(row, "carrier_name"),
            row["model"],
            row["accuracy_class"],
            _date(row["calibrated_on"]),
            _date(row["due_on"]),
            kept.get(row["meter_id"]),
        )
        for row in figures.rows(query, meters=list(meters))
    ]
    if not rows:
        draft.note("没有由计量器具给出的活动数据。", "No activity was read from an instrument.")
        return
    titles = [
        ("计量器具", "Instrument"),
        ("安装位置（用能单元）", "Place (unit)"),
        ("测量对象", "Measures"),
        ("型号", "Model"),
        ("准确度等级", "Class"),
        ("检定日期", "Calibrated"),
        ("有效期至", "Valid until"),
        ("责任人", "In the care of"),
    ]
    columns = [Column(draft.say(*title)) for title in titles]
    draft.table(("活动数据所用计量器具", "Instruments behind the activity data"), columns, rows)


def factors(draft: Draft, figures: Figures) -> None:
    """Add the section of factors: value, rule, confidence, document, and the values that they are made of."""
    draft.section("排放因子及来源", "Emission factors and their documents", is_wide=True)
    query = f"""
        select factor_id, carrier, carrier_name_zh, carrier_name_en, gas, basis, factor, factor_unit,
            factor_confidence, factor_is_fallback,
            method_clause, min(month) as first, max(month) as last
        from carbon.emissions_monthly where {_OF_PERIOD} and factor is not null
        group by all order by carrier_name_en, gas, basis, first
    """
    used: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for one in figures.rows(query):
        key = ("factor_id", "gas", "factor", "factor_unit", "method_clause", "carrier_name_en")
        used[tuple(one[name] for name in key)].append(one)
    values = _values(figures, sorted({str(key[0]) for key in used if key[0]}))
    bases = {"all": ("位置与市场", "location, market"), "location": ("位置", "location"), "market": ("市场", "market")}
    bases["statutory"] = ("法定", "statutory")
    rows: list[tuple[Cell, ...]] = []
    for found in used.values():
        row = found[0]
        document: Row = values.get(str(row["factor_id"]), [{}])[0]
        rows.append(
            (
                figures.name(row, "carrier_name"),
                shown(row["gas"]),
                exact(row["factor"]),
                shown(row["factor_unit"]),
                draft.say("、", ", ").join(
                    draft.say(*bases[one]) for one in dict.fromkeys(one["basis"] for one in found)
                ),
                _confidence(draft, row),
                document.get("locator") or row["factor_id"] or draft.say("按定义", "by definition"),
                str(row["method_clause"]),
            )
        )
    titles = [("燃料 / 物料 / 能源", "Fuel, material or energy"), ("气体", "Gas")]
    columns = [Column(draft.say(*title)) for title in titles]
    columns += [Column(draft.say("数值", "Value"), is_number=True), Column(draft.say("单位", "Unit"))]
    titles = [("口径", "Bases"), ("可信度", "Confidence"), ("来源文件", "Document"), ("条款", "Clause")]
    columns += [Column(draft.say(*title)) for title in titles]
    legend = (
        "见于文件：录入时见到公开文件或其转录；凭记忆：未见原文，申报前须核对；替用：所需年份或地区没有公布值，用最近的公布值。",
        "Seen: a public document or a transcription of it was seen. Recalled: not seen, to be checked before "
        "declaring. "
        "Stand-in: nothing was published for the year or region, the nearest published value stands for it.",
    )
    draft.table(("所用排放因子", "Factors in use"), columns, rows, notes=[legend])
    _constituents(draft, values)


def _values(figures: Figures, ids: Sequence[str]) -> Mapping[str, list[Row]]:
    query = """
        select distinct factor_id, property, factor, factor_unit, locator, source_id, source_url, factor_confidence,
            published_on
        from reference.factors where factor_id in (select unnest($ids)) order by factor_id, property
    """
    found: dict[str, list[Row]] = defaultdict(list)
    for row in figures.rows(query, ids=list(ids)):
        found[row["factor_id"]].append(row)
    return found


def _constituents(draft: Draft, values: Mapping[str, Sequence[Row]]) -> None:
    names = {
        "ncv_gj_per_unit": ("低位发热量", "Net calorific value"),
        "carbon_content_tc_per_gj": ("单位热值含碳量", "Carbon content per heat"),
        "oxidation_rate_pct": ("碳氧化率", "Oxidation"),
    }
    rows = [
        (
            factor_id,
            draft.say(*names[row["property"]]),
            exact(row["factor"]),
            shown(row["factor_unit"]),
            _seen(draft, row),
        )
        for factor_id, found in values.items()
        for row in found
        if row["property"] in names
    ]
    if not rows:
        return
    columns = [Column(draft.say("因子编号", "Factor")), Column(draft.say("参数", "Parameter"))]
    columns += [Column(draft.say("数值", "Value"), is_number=True), Column(draft.say("单位", "Unit"))]
    columns += [Column(draft.say("可信度", "Confidence"))]
    note = (
        "燃烧排放因子 = 低位发热量 × 单位热值含碳量 × 碳氧化率 × 44/12。",
        "Factor of combustion = net calorific value × carbon content per heat × oxidation × 44/12.",
    )
    draft.table(("燃烧因子的组成参数", "What factors of combustion are made of"), columns, rows, notes=[note])


def _confidence(draft: Draft, row: Row) -> str:
    fallback = draft.say("，替用", ", stand-in") if row["factor_is_fallback"] else ""
    return f"{_seen(draft, row)}{fallback}"


def _seen(draft: Draft, row: Row) -> str:
    words = {"verified": ("见于文件", "seen"), "recalled": ("凭记忆", "recalled"), "assumed": ("假定", "assumed")}
    return draft.say(*words.get(str(row["factor_confidence"]), ("未说明", "not told")))


def uncertainty(draft: Draft, figures: Figures) -> None:
    """Add the section of uncertainty: of the whole year, for it is reckoned by year."""
    draft.section("不确定性", "Uncertainty")
    year = figures.period.first.year
    query = """
        from carbon.uncertainty_annual
        where organization_id = $organization and year = $year order by basis desc, part
    """
    found = figures.rows(query, year=year)
    if not found:
        draft.text(f"{year} 年没有可计算的不确定性。", f"No uncertainty could be reckoned for {year}.")
        return
    draft.text(
        "不确定性按年度计算：误差线性传播与蒙特卡罗两法并列（95 % 区间）。只覆盖活动数据与因子的误差均已知的排放源；"
        "其余不作假设，其占比即 100 % 减覆盖率。",
        "Uncertainty is reckoned by year: linear propagation beside Monte Carlo, 95 % intervals. It covers the lines "
        "whose "
        "errors of activity and factor are both known; of the others nothing is assumed, and they are what is not "
        "covered.",
    )
    bases = {"statutory": ("法定", "statutory"), "location": ("位置", "location"), "market": ("市场", "market")}
    rows = [
        (
            draft.say(*bases[row["basis"]]),
            figures.name(row, "part_name"),
            tonnes(row["emissions_tco2e"]),
            percent(row["covered_ratio"], 1),
            tonnes(row["u95_tco2e"]),
            percent(row["u95_ratio"], 1),
            tonnes(row["p025_tco2e"]),
            tonnes(row["p975_tco2e"]),
        )
        for row in found
    ]
    numbers = [
        ("排放量", "Emissions", "tCO₂e"),
        ("覆盖率", "Covered", "%"),
        ("半宽", "Half width", "tCO₂e"),
        ("相对半宽", "Relative", "%"),
        ("2.5 % 分位", "2.5th percentile", "tCO₂e"),
        ("97.5 % 分位", "97.5th percentile", "tCO₂e"),
    ]
    columns = [Column(draft.say("口径", "Basis")), Column(draft.say("部分", "Part"))]
    columns += [Column(draft.say(zh, en), unit, is_number=True) for zh, en, unit in numbers]
    note = (
        "半宽与分位数只属于被覆盖的部分；相对半宽以被覆盖的排放量为分母。",
        "Half width and percentiles are those of the covered part; the relative half width is of the covered "
        "emissions.",
    )
    draft.table((f"{year} 年排放量的不确定性", f"Uncertainty of the emissions of {year}"), columns, rows, notes=[note])


def production(draft: Draft, figures: Figures) -> None:
    """Add the section of output and of emissions per output."""
    draft.section("产量与排放强度", "Output and emission intensity")
    query = f"""
        select denominator, product_id as product, carrier_name_zh as product_name_zh,
            carrier_name_en as product_name_en, quantity_unit, sum(quantity) as quantity,
                count(quantity) as months_count,
            case when count(quantity) = count(*) then sum(emissions_tco2e) / nullif(sum(quantity), 0) end as intensity
        from carbon.intensity_monthly left join (select distinct carrier, carrier_name_zh, carrier_name_en
            from reference.carriers) as carriers on carriers.carrier = product_id
        where {_OF_PERIOD} and basis = 'statutory' group by all order by denominator, product
    """
    found = figures.rows(query)
    if not found:
        draft.text("没有填报产量、产值或增加值。", "No output, output value or value added was told.")
        return
    kinds = {
        "product": ("产品", "product"),
        "output_value": ("产值", "output value"),
        "value_added": ("增加值", "value added"),
    }
    rows = [
        (
            figures.name(row, "product_name") or draft.say(*kinds[row["denominator"]]),
            amount(row["quantity"], row["quantity_unit"]),
            shown(row["quantity_unit"]),
            exact(row["months_count"]),
            None if row["intensity"] is None else Number(Decimal(str(row["intensity"])), 6),
            f"tCO₂e/{shown(row['quantity_unit'])}",
        )
        for row in found
    ]
    columns = [
        Column(draft.say("产品或价值", "Product or value")),
        Column(draft.say("数量", "Quantity"), is_number=True),
    ]
    columns += [Column(draft.say("单位", "Unit")), Column(draft.say("月数", "Months"), is_number=True)]
    columns += [Column(draft.say("排放强度", "Intensity"), is_number=True), Column(draft.say("单位", "Unit"))]
    note = (
        "强度 = 该单位全部法定口径排放 ÷ 该产品产量（或产值、增加值），不在产品之间分摊。",
        "Intensity = all statutory emissions of the entity ÷ output of the product (or value), not shared between "
        "products.",
    )
    draft.table(("产量、产值与排放强度（法定口径）", "Output and intensity (statutory)"), columns, rows, notes=[note])


def _sum(values: Any) -> Decimal | None:  # noqa: ANN401
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def _date(value: object) -> str | None:
    return str(value) if value is not None else None
