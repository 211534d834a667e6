"""The emission report in the order of GB/T 32150: who and what boundary, emissions, and then what they rest on."""

from collections.abc import Sequence
from decimal import Decimal

from exchange.reports import emission_inputs, opening, plan, trust
from exchange.reports.document import Cell, Column, Document, Draft, Series
from exchange.reports.figures import Figures, Row
from exchange.reports.units import exact, shown, tonnes
from lake.vocabulary import clauses

#: The accounts that stand side by side: key, and how they are called.
BASES = (
    ("statutory", "法定口径", "Statutory"),
    ("location", "基于位置", "Location"),
    ("market", "基于市场", "Market"),
)
_KINDS = {
    "site": ("厂区", "site"),
    "workshop": ("车间", "workshop"),
    "process": ("工序", "process"),
    "line": ("生产线", "line"),
    "equipment": ("设备", "equipment"),
    "utility": ("公用工程", "utility"),
    "common": ("公共设施", "common facility"),
}
_OF_PERIOD = "organization_id = $organization and month between $first and $last"
_TITLE = ("温室气体排放报告", "Greenhouse gas emission report")


def document(figures: Figures) -> Document:
    """Return the report of one legal entity, or of a park as a whole."""
    draft = Draft(figures.language)
    _organization(draft, figures)
    _emissions(draft, figures)
    emission_inputs.activity(draft, figures)
    emission_inputs.factors(draft, figures)
    emission_inputs.uncertainty(draft, figures)
    plan.section(draft, figures)
    trust.instruments(draft, figures)
    emission_inputs.production(draft, figures)
    trust.gaps(draft, figures)
    opening.signatures(draft, figures)
    opening.proof(draft, figures)
    return opening.document(draft, figures, _TITLE, _remarks(figures))


def _remarks(figures: Figures) -> list[tuple[str, str]]:
    query = f"""
        select count(*) filter (factor_confidence = 'recalled') as recalled,
            count(*) filter (null_reason is not null and null_reason <> 'biogenic_not_counted') as missing
        from carbon.emissions_monthly where {_OF_PERIOD} and basis in ('all', 'statutory')
    """
    found = figures.rows(query)[0]
    told = []
    if found["recalled"]:
        told.append(
            (
                "标“凭记忆”的因子录入时未见原文，正式申报前须核对（见第 4 章）。",
                "Factors marked as recalled were entered without sight of the document: check them before declaring "
                "(4).",
            )
        )
    if found["missing"]:
        told.append(
            (
                f"有 {found['missing']} 条月度排放源没有数值，合计不含这些源（见第 9 章）。",
                f"{found['missing']} monthly lines have no number and are in no total (section 9).",
            )
        )
    return told


def _organization(draft: Draft, figures: Figures) -> None:
    draft.section("基本情况与核算边界", "Organisation and boundary")
    draft.heading("基本信息", "Basic information")
    row = figures.organization
    known = {one["guideline"]: one for one in figures.thing("guidelines")}.get(row["guideline"])
    rule = row["guideline"]
    if row["guideline_document"]:
        rule = f"{row['guideline_document']} {row['guideline_name_zh'] or ''}".strip()
    elif rule is None and not figures.members:
        rule = draft.say("未指定，按 GB/T 32150", "none is named: GB/T 32150")
    seen = {
        "verified": draft.say("见于公开文件", "seen in a public document"),
        "recalled": draft.say("凭记忆，须核对", "recalled, to be checked"),
    }
    formula = (
        f"{known['total_formula'] or draft.say('未知', 'not known')} [{seen[known['formula_confidence']]}]"
        if known
        else None
    )
    further = [
        (draft.say("适用核算指南", "Guideline"), rule),
        (draft.say("合计公式", "Formula of the total"), formula),
    ]
    opening.basics(draft, figures, further)
    draft.note(
        "报告结构按 GB/T 32150 的内容要求编排；标准原文与主管部门的填报表式未见，表式不作逐格对应。",
        "The order follows what GB/T 32150 asks a report to hold. The text of the standard and the ministry's forms "
        "were "
        "not seen, so that no claim is made to their layout.",
    )
    draft.heading("核算边界", "Boundary")
    draft.text(
        "核算边界为该法人所辖的全部用能单元；范围一为边界内化石燃料燃烧与工业过程，范围二为购入与输出的电力、热力。"
        "园区的合计为其边界合计，成员之间的转供只计一次。",
        "The boundary is all energy-using units of the legal entity. Scope 1 is combustion and process inside it, "
        "scope 2 "
        "bought and sold electricity and heat. A park's total is that of its boundary: trade between members counts "
        "once.",
    )
    _units(draft, figures)
    _changes(draft, figures)
    if figures.period.is_year:
        _items(draft, figures)


def _units(draft: Draft, figures: Figures) -> None:
    query = """
        select energy_unit_id, energy_unit_name_zh, energy_unit_name_en, kind from reference.energy_units
        where parent_id = $root or is_root and organization_id in (select unnest($members))
        order by organization_id, energy_unit_id
    """
    members = [one["organization_id"] for one in figures.members]
    found = figures.rows(query, root=figures.organization["root_energy_unit_id"], members=members)
    rows = [
        (row["energy_unit_id"], figures.name(row, "energy_unit_name"), draft.say(*_KINDS[row["kind"]])) for row in found
    ]
    titles = [("用能单元", "Unit"), ("名称", "Name"), ("类别", "Kind")]
    draft.table(("边界内的用能单元（第一级）", "Units of the boundary, first level"), _columns(draft, titles), rows)


def _changes(draft: Draft, figures: Figures) -> None:
    draft.heading("边界变化", "Changes of the boundary")
    found = boundary_changes(figures)
    if not found:
        draft.text(
            "自首次登记以来，站点文件中该单位的用能单元没有增减。",
            "No unit of this entity was added or removed since the site was first read.",
        )
        return
    titles = [("登记时间", "Known at"), ("新增", "Added"), ("撤销", "Removed")]
    draft.table(("边界变化", "Changes of the boundary"), _columns(draft, titles), found)


def boundary_changes(figures: Figures) -> list[tuple[str, str, str]]:
    """Return when units of the owner's boundary came and went: time, added, removed; from every version of the site."""
    below = {figures.organization_id, *(one["organization_id"] for one in figures.members)}
    versions: dict[str, set[str]] = {}
    for row in figures.versions("energy_units"):
        kept = versions.setdefault(row["known_at"].isoformat(timespec="seconds"), set())
        if row["organization_id"] in below:
            kept.add(str(row["energy_unit_id"]))
    told, before = [], None
    for known_at, now in sorted(versions.items()):
        if before is not None and now != before:
            told.append((known_at, ", ".join(sorted(now - before)), ", ".join(sorted(before - now))))
        before = now
    return told


def _items(draft: Draft, figures: Figures) -> None:
    query = """
        select * from carbon.inventory_annual
        where organization_id = $organization and year = $year and basis = 'statutory' order by place, item_key
    """
    found = figures.rows(query, year=figures.period.first.year)
    if not found:
        return
    known = clauses()
    rows = [
        (
            figures.name(row, "item_name"),
            known[row["method_clause"]].standard if row["method_clause"] in known else None,
            figures.name(row, "item_status_name"),
            tonnes(row["emissions_tco2e"]),
        )
        for row in found
    ]
    titles = [("核算项目", "Item"), ("依据", "Rule"), ("状态", "State")]
    columns = [*_columns(draft, titles), Column(draft.say("排放量", "Emissions"), "tCO₂e", is_number=True)]
    draft.heading("指南所列核算项目", "Items of the guideline")
    draft.table(("核算项目及其状态（法定口径）", "Items and their state (statutory)"), columns, rows, strong=[-1])


def _emissions(draft: Draft, figures: Figures) -> None:
    draft.section("温室气体排放", "Emissions")
    draft.text(
        "法定口径按所适用的行业指南（其气体与排放源），基于位置与基于市场两个口径含全部温室气体；三者并列，不得相加。",
        "The statutory account follows the guideline of the sector, with its gases and sources; the location-based "
        "and the "
        "market-based account hold all greenhouse gases. The three stand side by side and are never added.",
    )
    totals(draft, figures)
    sources(draft, figures)
    _monthly(draft, figures)
    _stacks(draft, figures)


def totals(draft: Draft, figures: Figures) -> None:
    """Add the table of totals by scope on the three bases."""
    draft.heading("总量", "Totals")
    sums = ", ".join(f"sum(emissions_tco2e) filter ({where(basis)}) as {basis}_tco2e" for basis, _, _ in BASES)
    query = (
        f"select scope, {sums} from carbon.emissions_monthly where {_OF_PERIOD} group by rollup(scope) order by scope"
    )
    rows = [
        (
            draft.say(f"范围{'一二三'[row['scope'] - 1]}", f"Scope {row['scope']}")
            if row["scope"]
            else draft.say("合计", "Total"),
            *(tonnes(row[f"{basis}_tco2e"]) for basis, _, _ in BASES),
        )
        for row in figures.rows(query)
    ]
    columns = [Column(draft.say("范围", "Scope"))]
    columns += [Column(draft.say(zh, en), "tCO₂e", is_number=True) for _, zh, en in BASES]
    draft.table(("排放总量：三种口径", "Total emissions on three bases"), columns, rows, strong=[-1])


def where(basis: str) -> str:
    """Return which rows of carbon.emissions_monthly make up a basis."""
    return "basis = 'statutory'" if basis == "statutory" else f"basis in ('all', '{basis}')"


def sources(draft: Draft, figures: Figures) -> None:
    """Add the table of emissions by source and gas on the three bases."""
    draft.heading("分排放源、分气体", "By source and gas")
    sums = ", ".join(f"sum(emissions_tco2e) filter ({where(basis)}) as {basis}_tco2e" for basis, _, _ in BASES)
    query = f"""
        select scope, source_category_name_zh, source_category_name_en, carrier, carrier_name_zh, carrier_name_en,
            gas, is_internal, is_biogenic, {sums}
        from carbon.emissions_monthly where {_OF_PERIOD}
        group by all order by scope, source_category_name_en, carrier_name_en, gas, is_internal
    """
    found = figures.rows(query)
    rows: list[tuple[Cell, ...]] = [
        (
            str(row["scope"]),
            figures.name(row, "source_category_name"),
            figures.name(row, "carrier_name") + _marks(draft, row),
            shown(row["gas"]),
            *(tonnes(row[f"{basis}_tco2e"]) for basis, _, _ in BASES),
        )
        for row in found
    ]
    known = {basis: [row[f"{basis}_tco2e"] for row in found] for basis, _, _ in BASES}
    sums_of = [sum((value for value in known[basis] if value is not None), Decimal(0)) for basis, _, _ in BASES]
    rows.append((draft.say("合计", "Total"), "", "", "", *(tonnes(value) for value in sums_of)))
    titles = [("范围", "Scope"), ("排放源", "Source"), ("燃料 / 物料", "Fuel or material"), ("气体", "Gas")]
    columns = _columns(draft, titles)
    columns += [Column(draft.say(zh, en), "tCO₂e", is_number=True) for _, zh, en in BASES]
    note = (
        "“—”：该口径不含此项，或没有数值（见“没有数值的排放源”）；负值为扣除：随产品带走的碳、输出的电力。",
        "—: not part of this account, or without a number (see the lines without a number). What is negative is taken "
        "off: carbon that leaves with products, electricity that was sold.",
    )
    draft.table(("分排放源排放量", "Emissions by source"), columns, rows, strong=[-1], notes=[note])


def _marks(draft: Draft, row: Row) -> str:
    marks = [draft.say("园区内", "inside the park")] if row["is_internal"] else []
    marks += [draft.say("生物质", "biogenic")] if row["is_biogenic"] else []
    return f" ({', '.join(marks)})" if marks else ""


def _monthly(draft: Draft, figures: Figures) -> None:
    if not figures.period.is_year:
        return
    query = f"""
        select month, scope, source_category, source_category_name_zh, source_category_name_en,
            sum(emissions_tco2e) as emissions_tco2e
        from carbon.emissions_monthly where {_OF_PERIOD} and basis = 'statutory'
        group by all order by scope, source_category, month
    """
    found = [row for row in figures.rows(query) if row["emissions_tco2e"] is not None]
    if not found:
        return
    draft.heading("逐月排放（法定口径）", "By month (statutory)")
    names = {row["source_category"]: figures.name(row, "source_category_name") for row in found}
    cells = {(row["month"], row["source_category"]): row["emissions_tco2e"] for row in found}
    months = sorted({row["month"] for row in found})
    series = [Series(name, tuple(cells.get((month, key)) for month in months)) for key, name in names.items()]
    draft.chart(("逐月排放", "Emissions by month"), "tCO₂e", [f"{month:%m}" for month in months], series)
    rows = [_month_row(f"{month:%Y-%m}", [cells.get((month, key)) for key in names]) for month in months]
    sums = [sum((cells.get((month, key), Decimal(0)) for month in months), Decimal(0)) for key in names]
    rows.append(_month_row(draft.say("合计", "Total"), sums))
    columns = [Column(draft.say("月份", "Month"))]
    columns += [Column(name, "tCO₂e", is_number=True) for name in (*names.values(), draft.say("合计", "Total"))]
    draft.table(("逐月排放", "Emissions by month"), columns, rows, strong=[-1])


def _month_row(label: str, values: Sequence[Decimal | None]) -> tuple[Cell, ...]:
    total = sum((value for value in values if value is not None), Decimal(0))
    return (label, *(tonnes(value) for value in values), tonnes(total))


def _stacks(draft: Draft, figures: Figures) -> None:
    query = f"""
        select stack_name_zh, stack_name_en, basis, sum(measured_tco2) as measured_tco2,
            sum(calculated_tco2) as calculated_tco2,
            sum(difference_tco2) as difference_tco2, sum(valid_hours_count) as valid_count,
                sum(substituted_hours_count) as put_count,
            sum(unknown_hours_count) as unknown_count
        from carbon.cems_monthly where {_OF_PERIOD} and basis = 'statutory' group by all order by 1
    """
    found = figures.rows(query)
    if not found:
        return
    draft.heading("连续监测与核算对照", "Stack measurement beside calculation")
    rows = [
        (
            figures.name(row, "stack_name"),
            *(tonnes(row[f"{name}_tco2"]) for name in ("measured", "calculated", "difference")),
            *(exact(row[f"{name}_count"]) for name in ("valid", "put", "unknown")),
        )
        for row in found
    ]
    numbers = [("实测", "Measured"), ("核算", "Calculated"), ("差额", "Difference")]
    hours = [("有效小时", "Valid hours"), ("替代小时", "Substituted"), ("不明小时", "Unknown")]
    columns = [Column(draft.say("排放口", "Stack"))]
    columns += [Column(draft.say(*title), "tCO₂", is_number=True) for title in numbers]
    columns += [Column(draft.say(*title), "h", is_number=True) for title in hours]
    draft.table(("烟气 CO₂ 实测与核算", "CO₂ of the stack, measured and calculated"), columns, rows)


def _columns(draft: Draft, titles: Sequence[tuple[str, str]]) -> list[Column]:
    return [Column(draft.say(*title)) for title in titles]
