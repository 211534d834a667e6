"""The energy statement: comprehensive energy by both conventions, carriers, intensity against targets, cost, origin."""

from collections.abc import Sequence
from decimal import Decimal

from exchange.reports import opening, trust
from exchange.reports.document import Cell, Column, Document, Draft, Number, Series
from exchange.reports.figures import Figures, Row
from exchange.reports.units import amount, percent, shown, tonnes

_OF_PERIOD = "organization_id = $organization and month between $first and $last"
_BOTH = (("calorific", "当量值", "calorific value"), ("equivalent", "等价值", "equivalent value"))
_TITLE = ("能源消费报表", "Energy statement")


def document(figures: Figures) -> Document:
    """Return the statement of one legal entity, or of a park as a whole."""
    draft = Draft(figures.language)
    draft.section("基本情况与口径", "Organisation and conventions")
    opening.basics(draft, figures, [])
    draft.text(
        "综合能耗按 GB/T "
        "2589：能源投入减外供能源，已计能源再加工所得不重复计算；耗能工质只计外购。电力折标以当量值与等价值分列，"
        "两个口径不得相加。原料用能与可再生能源单列。没有已采用系数的能源只列实物量，不计入合计。",
        "Comprehensive energy by GB/T 2589: input less what was supplied to others; energy made from energy that is "
        "counted "
        "is not counted again, working media count where they are bought. Standard coal stands in both conventions, "
        "calorific "
        "and equivalent, which are never added. Feedstock and renewable energy stand apart. What has no adopted "
        "coefficient "
        "is listed by its quantity alone and is in no total.",
    )
    _comprehensive(draft, figures)
    _carriers(draft, figures)
    _intensity(draft, figures)
    _cost(draft, figures)
    _origins(draft, figures)
    _units(draft, figures)
    trust.gaps(draft, figures, with_emissions=False)
    opening.signatures(draft, figures)
    opening.proof(draft, figures)
    return opening.document(draft, figures, _TITLE, [])


def _pairs(draft: Draft) -> list[Column]:
    return [Column(draft.say(zh, en.capitalize()), "tce", is_number=True) for _, zh, en in _BOTH]


def _comprehensive(draft: Draft, figures: Figures) -> None:
    draft.section("综合能耗", "Comprehensive energy")
    draft.heading("构成", "What it is made of")
    parts = (
        ("input", "能源投入", "Input"),
        ("feedstock", "其中：原料用能", "of it feedstock"),
        ("renewable", "其中：可再生能源", "of it renewable"),
        ("output", "外供能源", "Supplied to others"),
        ("comprehensive_energy", "综合能耗", "Comprehensive energy"),
        ("recalled", "其中：系数凭记忆录入的部分", "of it by recalled coefficients"),
        ("comprehensive_energy_previous_year", "上年同期综合能耗", "Comprehensive energy a year before"),
    )
    sums = ", ".join(f"sum({part}_tce_{one}) as {part}_{one}" for part, _, _ in parts for one, _, _ in _BOTH)
    found = figures.rows(f"select {sums} from energy.comprehensive_monthly where {_OF_PERIOD}")[0]
    rows = [(draft.say(zh, en), *(tonnes(found[f"{part}_{one}"]) for one, _, _ in _BOTH)) for part, zh, en in parts]
    columns = [Column(draft.say("项目", "Item")), *_pairs(draft)]
    note = (
        "综合能耗 = 能源投入 − 外供能源；系数凭记忆录入的部分在正式填报前须核对原文。",
        "Comprehensive energy = input − supplied to others. What rests on recalled coefficients has to be checked "
        "before it is told.",
    )
    draft.table(("综合能耗的构成", "Comprehensive energy"), columns, rows, strong=[-3], notes=[note])
    if figures.period.is_year:
        _by_month(draft, figures)


def _by_month(draft: Draft, figures: Figures) -> None:
    draft.heading("逐月综合能耗", "By month")
    _groups(draft, figures)
    query = f"""
        select month, comprehensive_energy_tce_calorific as calorific,
            comprehensive_energy_tce_equivalent as equivalent,
            comprehensive_energy_previous_year_tce_calorific as previous, cost_cny
        from energy.comprehensive_monthly where {_OF_PERIOD} order by month
    """
    found = figures.rows(query)
    rows: list[tuple[Cell, ...]] = [
        (
            f"{row['month']:%Y-%m}",
            tonnes(row["calorific"]),
            tonnes(row["equivalent"]),
            tonnes(row["previous"]),
            _change(row["calorific"], row["previous"]),
            amount(row["cost_cny"]),
        )
        for row in found
    ]
    total = {name: _sum(found, name) for name in ("calorific", "equivalent", "previous", "cost_cny")}
    is_whole = all(row["previous"] is not None for row in found)
    rows.append(
        (
            draft.say("合计", "Total"),
            tonnes(total["calorific"]),
            tonnes(total["equivalent"]),
            tonnes(total["previous"]),
            _change(total["calorific"], total["previous"]) if is_whole else None,
            amount(total["cost_cny"]),
        )
    )
    columns = [Column(draft.say("月份", "Month")), *_pairs(draft)]
    columns += [
        Column(draft.say("上年同月（当量值）", "A year before, calorific"), "tce", is_number=True),
        Column(draft.say("同比", "Change"), "%", is_number=True),
        Column(draft.say("能源费用", "Cost"), "CNY", is_number=True),
    ]
    draft.table(("逐月综合能耗与费用", "Comprehensive energy and cost by month"), columns, rows, strong=[-1])


def _groups(draft: Draft, figures: Figures) -> None:
    query = f"""
        select month, carrier_group_name_zh, carrier_group_name_en, sum(energy_tce_calorific) as energy_tce
        from energy.consumption_monthly where {_OF_PERIOD} and energy_unit_id = $root and is_counted
        group by all having sum(energy_tce_calorific) <> 0 order by month
    """
    found = figures.rows(query, root=figures.organization["root_energy_unit_id"])
    months = sorted({row["month"] for row in found})
    cells = {(row["month"], figures.name(row, "carrier_group_name")): row["energy_tce"] for row in found}
    names = sorted({name for _, name in cells}, key=lambda name: -sum(cells.get((month, name), 0) for month in months))
    series = [Series(name, tuple(cells.get((month, name)) for month in months)) for name in names]
    if series:
        caption = ("逐月能源投入（当量值）", "Energy input by month, calorific value")
        draft.chart(caption, "tce", [f"{month:%m}" for month in months], series)


def _carriers(draft: Draft, figures: Figures) -> None:
    draft.section("分品种能源消费", "By carrier")
    query = f"""
        select carrier, carrier_name_zh, carrier_name_en, use_type, role_name_zh, role_name_en, is_counted,
            quantity_unit,
            sum(quantity) as quantity, sum(energy_tce_calorific) as calorific, sum(energy_tce_equivalent) as equivalent,
            sum(cost_cny) as cost_cny
        from energy.consumption_monthly where {_OF_PERIOD} and energy_unit_id = $root
            and (is_counted or role in ('sale', 'internal_sale'))
        group by all order by is_counted desc, calorific desc nulls last, carrier, role_name_en, use_type
    """
    found = figures.rows(query, root=figures.organization["root_energy_unit_id"])
    columns = [
        Column(draft.say("能源品种", "Carrier")),
        Column(draft.say("来源", "Way")),
        Column(draft.say("用途", "Use")),
        Column(draft.say("实物量", "Quantity"), is_number=True),
        Column(draft.say("单位", "Unit")),
        *_pairs(draft),
        Column(draft.say("费用", "Cost"), "CNY", is_number=True),
    ]
    bought = [row for row in found if row["is_counted"]]
    sold = [row for row in found if not row["is_counted"]]
    _of_carriers(draft, figures, ("能源投入", "Energy input"), columns, bought)
    if sold:
        _of_carriers(draft, figures, ("外供能源", "Energy supplied to others"), columns, sold)
    _uses(draft, figures, bought)


def _of_carriers(
    draft: Draft, figures: Figures, caption: tuple[str, str], columns: Sequence[Column], found: Sequence[Row]
) -> None:
    rows: list[tuple[Cell, ...]] = [
        (
            figures.name(row, "carrier_name"),
            figures.name(row, "role_name"),
            _use(draft, row["use_type"]),
            amount(row["quantity"], row["quantity_unit"]),
            shown(row["quantity_unit"]),
            tonnes(row["calorific"]),
            tonnes(row["equivalent"]),
            amount(row["cost_cny"]),
        )
        for row in found
    ]
    totals = (*(tonnes(_sum(found, name)) for name in ("calorific", "equivalent")), amount(_sum(found, "cost_cny")))
    rows.append((draft.say("合计", "Total"), "", "", "", "", *totals))
    draft.table(caption, columns, rows, strong=[-1])


def _uses(draft: Draft, figures: Figures, found: Sequence[Row]) -> None:
    uses = dict.fromkeys(row["use_type"] for row in found)
    rows = [
        (
            _use(draft, use),
            *(tonnes(_sum([row for row in found if row["use_type"] == use], one)) for one, _, _ in _BOTH),
        )
        for use in uses
    ]
    columns = [Column(draft.say("用途", "Use")), *_pairs(draft)]
    draft.table(("按用途", "By use"), columns, rows)


def _use(draft: Draft, use: str) -> str:
    words = {
        "fuel": ("燃料动力", "fuel and power"),
        "feedstock": ("原料", "feedstock"),
        "non_energy": ("非能源", "non-energy"),
    }
    return draft.say(*words[use])


def _intensity(draft: Draft, figures: Figures) -> None:
    draft.section("单位能耗与目标", "Intensity and targets")
    query = """
        select indicator, indicator_name_zh, indicator_name_en, energy_unit_id, energy_unit_name_zh,
            energy_unit_name_en,
            product_id as product, product_name_zh, product_name_en, convention_name_zh, convention_name_en, actual,
            previous_year_actual, year_to_date_actual, previous_year_to_date_actual, target_actual, target_ratio,
                actual_unit
        from energy.intensity_status_monthly where organization_id = $organization and month = $month
        order by indicator, energy_unit_id, product, convention_name_en
    """
    found = figures.rows(query, month=figures.months[-1])
    if not found:
        draft.text("没有填报产量、产值或增加值。", "No output, output value or value added was told.")
        return
    stem = "year_to_date_" if figures.period.is_year else ""
    before = "previous_year_to_date_actual" if figures.period.is_year else "previous_year_actual"
    rows = [
        (
            figures.name(row, "indicator_name"),
            figures.name(row, "product_name") or figures.name(row, "energy_unit_name"),
            figures.name(row, "convention_name"),
            _figure(row[f"{stem}actual"]),
            _figure(row[before]),
            _figure(row["target_actual"]) if figures.period.is_year else None,
            percent(row["target_ratio"]) if figures.period.is_year else None,
            shown(row["actual_unit"]),
        )
        for row in found
    ]
    titles = [("指标", "Indicator"), ("产品 / 单元", "Product or unit"), ("口径", "Convention")]
    columns = [Column(draft.say(*title)) for title in titles]
    columns += [
        Column(draft.say("本期", "This period"), is_number=True),
        Column(draft.say("上年同期", "A year before"), is_number=True),
        Column(draft.say("年度目标", "Target of the year"), is_number=True),
        Column(draft.say("占目标", "Of target"), "%", is_number=True),
        Column(draft.say("单位", "Unit")),
    ]
    note = (
        "多个月的单位能耗 = 能耗合计 ÷ 产量合计；产值按现价。目标取自站点文件 targets.csv，没有目标的指标留空。",
        "An intensity of several months is their energy over their output; output value at current prices. Targets "
        "are those of "
        "targets.csv; without one the cell is empty.",
    )
    draft.table(("单位能耗与目标", "Intensity and targets"), columns, rows, notes=[note])


def _figure(value: Decimal | None) -> Number | None:
    return None if value is None else Number(value, 4)


def _cost(draft: Draft, figures: Figures) -> None:
    draft.section("电费与分时", "Electricity cost by band")
    query = f"""
        select band_name_zh, band_name_en, sum(quantity_kwh) as quantity_kwh, sum(cost_cny) as cost_cny,
            sum(demand_cost_cny) as demand_cny, sum(power_factor_adjustment_cny) as factor_cny
        from energy.cost_bands_monthly where {_OF_PERIOD} and energy_unit_id = $root and role = 'purchase'
        group by all order by sum(cost_cny) / nullif(sum(quantity_kwh), 0) desc
    """
    found = figures.rows(query, root=figures.organization["root_energy_unit_id"])
    if not found:
        draft.text("没有按分时电价计费的购电。", "No electricity was bought by bands.")
        return
    total = {name: _sum(found, name) for name in ("quantity_kwh", "cost_cny", "demand_cny", "factor_cny")}
    rows: list[tuple[Cell, ...]] = [
        (
            figures.name(row, "band_name"),
            amount(row["quantity_kwh"], "kWh"),
            percent(_ratio(row["quantity_kwh"], total["quantity_kwh"])),
            amount(row["cost_cny"]),
            _figure(_ratio(row["cost_cny"], row["quantity_kwh"])),
            amount(row["demand_cny"]),
            amount(row["factor_cny"]),
        )
        for row in found
    ]
    rows.append(
        (
            draft.say("合计", "Total"),
            amount(total["quantity_kwh"], "kWh"),
            percent(_ratio(total["quantity_kwh"], total["quantity_kwh"])),
            amount(total["cost_cny"]),
            _figure(_ratio(total["cost_cny"], total["quantity_kwh"])),
            amount(total["demand_cny"]),
            amount(total["factor_cny"]),
        )
    )
    numbers = [
        ("电量", "Quantity", "kWh"),
        ("占比", "Share", "%"),
        ("电度电费", "Energy cost", "CNY"),
        ("平均电价", "Mean price", "CNY/kWh"),
        ("基本电费", "Demand cost", "CNY"),
        ("力调电费", "Power-factor adjustment", "CNY"),
    ]
    columns = [Column(draft.say("时段", "Band"))]
    columns += [Column(draft.say(zh, en), unit, is_number=True) for zh, en, unit in numbers]
    note = (
        "基本电费列在需量出现的时段；园区合计不含成员各自的基本电费与力调电费。",
        "Demand cost stands in the band in which the demand occurred. A park's total leaves out what its members pay "
        "for demand.",
    )
    draft.table(("购电量与电费（分时）", "Electricity bought, by band"), columns, rows, strong=[-1], notes=[note])


def _origins(draft: Draft, figures: Figures) -> None:
    draft.section("用电来源", "Origin of electricity")
    query = f"""
        select origin_name_zh, origin_name_en, way_name_zh, way_name_en, is_renewable, sum(quantity_kwh) as quantity_kwh
        from energy.electricity_origins_monthly where {_OF_PERIOD} group by all order by quantity_kwh desc
    """
    found = figures.rows(query)
    if not found:
        draft.text("没有用电来源数据。", "Nothing is known of the origin of electricity.")
        return
    total = _sum(found, "quantity_kwh")
    rows: list[tuple[Cell, ...]] = [
        (
            figures.name(row, "origin_name"),
            figures.name(row, "way_name"),
            amount(row["quantity_kwh"], "kWh"),
            percent(_ratio(row["quantity_kwh"], total)),
        )
        for row in found
    ]
    green = _sum([row for row in found if row["is_renewable"]], "quantity_kwh") or Decimal(0)
    share = percent(_ratio(green, total))
    rows.append((draft.say("其中：可再生", "of it renewable"), "", amount(green, "kWh"), share))
    rows.append((draft.say("合计", "Total"), "", amount(total, "kWh"), percent(_ratio(total, total))))
    columns = [
        Column(draft.say("来源", "Origin")),
        Column(draft.say("方式", "Way")),
        Column(draft.say("电量", "Quantity"), "kWh", is_number=True),
        Column(draft.say("占比", "Share"), "%", is_number=True),
    ]
    draft.table(("用电来源", "Electricity used, by origin"), columns, rows, strong=[-2, -1])


def _units(draft: Draft, figures: Figures) -> None:
    draft.section("用能单元", "Energy-using units")
    query = """
        select energy_unit_id as energy_unit, energy_unit_name_zh, energy_unit_name_en,
            sum(comprehensive_energy_tce_calorific) as calorific,
                sum(comprehensive_energy_tce_equivalent) as equivalent,
            sum(cost_cny) as cost_cny
        from energy.comprehensive_units_monthly where month between $first and $last and energy_unit_id in (
            select energy_unit_id from reference.energy_units
            where parent_id = $root or is_root and organization_id in (select unnest($members))
        )
        group by all order by calorific desc
    """
    members = [one["organization_id"] for one in figures.members]
    found = figures.rows(query, root=figures.organization["root_energy_unit_id"], members=members)
    rows = [
        (
            figures.name(row, "energy_unit_name"),
            str(row["energy_unit"]),
            tonnes(row["calorific"]),
            tonnes(row["equivalent"]),
            amount(row["cost_cny"]),
        )
        for row in found
    ]
    columns = [Column(draft.say("单元", "Unit")), Column(draft.say("代码", "Identifier")), *_pairs(draft)]
    columns += [Column(draft.say("费用", "Cost"), "CNY", is_number=True)]
    note = (
        "单元之间有能源转供与加工转换，各单元相加不等于综合能耗合计。",
        "Units supply each other and convert energy: they do not add up to the comprehensive energy.",
    )
    draft.table(("第一级用能单元的综合能耗", "Comprehensive energy of units, first level"), columns, rows, notes=[note])


def _change(now: Decimal | None, before: Decimal | None) -> Number | None:
    return None if now is None or not before else percent((now - before) / before)


def _ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or not whole else part / whole


def _sum(rows: Sequence[Row], name: str) -> Decimal | None:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known, Decimal(0)) if known else None
