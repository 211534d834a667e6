"""The inventory of a park: members as they report, trade inside counted once, common facilities, certificates."""

from decimal import Decimal

from exchange.reports import emission, opening, trust
from exchange.reports.document import Cell, Column, Document, Draft, Series
from exchange.reports.figures import Figures
from exchange.reports.units import amount, exact, percent, shown, tonnes
from lake.errors import LakeError

_OF_PERIOD = "organization_id = $organization and month between $first and $last"
_BASES = emission.BASES
_TITLE = ("园区碳排放清单", "Park inventory of emissions")


def document(figures: Figures) -> Document:
    """Return the inventory; raises LakeError where the owner has no members."""
    if not figures.members:
        raise LakeError(f"{figures.organization_id} is no park: it has no members; ask for an emission-report of it")
    draft = Draft(figures.language)
    _members(draft, figures)
    _emissions(draft, figures)
    _inside(draft, figures)
    _gates(draft, figures)
    _certificates(draft, figures)
    trust.gaps(draft, figures)
    opening.signatures(draft, figures)
    opening.proof(draft, figures)
    return opening.document(draft, figures, _TITLE, [])


def _members(draft: Draft, figures: Figures) -> None:
    draft.section("园区与成员", "The park and its members")
    opening.basics(draft, figures, [])
    rows = [
        (
            figures.name(one, "organization_name"),
            one["organization_id"],
            one["credit_code"],
            one["industry_code"],
            one["guideline_document"],
        )
        for one in figures.members
    ]
    titles = [("成员单位", "Member"), ("代码", "Identifier"), ("统一社会信用代码", "Credit code")]
    titles += [("行业代码", "Industry"), ("核算指南", "Guideline")]
    draft.table(("成员单位", "Members"), [Column(draft.say(*title)) for title in titles], rows)
    draft.text(
        "清单边界为全部成员与公共设施。成员之间转供的电力、热力在生产端按燃料计一次，购入端的间接排放在园区合计中扣除。",
        "The boundary is all members and the common facilities. Electricity and heat that members supply to each "
        "other count "
        "once, as fuel where they were made; the indirect emissions of whoever bought them are taken off in the "
        "park's total.",
    )


def _emissions(draft: Draft, figures: Figures) -> None:
    draft.section("园区排放总量", "Emissions of the park")
    draft.heading("从成员到园区边界", "From the members to the boundary")
    sums = ", ".join(f"sum(emissions_tco2e) filter (basis = '{basis}') as {basis}_tco2e" for basis, _, _ in _BASES)
    query = f"""
        select place, part_kind, part_kind_name_zh, part_kind_name_en, part_name_zh, part_name_en, {sums}
        from carbon.park_balance_monthly where {_OF_PERIOD} group by all order by place, part_name_en
    """
    found = figures.rows(query)
    rows = [
        (
            figures.name(row, "part_kind_name"),
            figures.name(row, "part_name"),
            *(tonnes(row[f"{basis}_tco2e"]) for basis, _, _ in _BASES),
        )
        for row in found
    ]
    columns = [Column(draft.say("部分", "Part")), Column(draft.say("单位", "Entity"))]
    columns += [Column(draft.say(zh, en), "tCO₂e", is_number=True) for _, zh, en in _BASES]
    strong = [place for place, row in enumerate(found) if row["part_kind"] == "boundary"]
    note = (
        "差额 = 成员合计 − 园区内购入 + 园区内售出 − 园区边界，应为零。",
        "Difference = members − bought inside + sold inside − boundary; it should be zero.",
    )
    draft.table(("成员、内部转供与园区边界", "Members, trade inside and boundary"), columns, rows, strong, [note])
    draft.heading("成员排放", "Emissions of the members")
    _by_member(draft, figures)
    emission.totals(draft, figures)
    emission.sources(draft, figures)


def _by_member(draft: Draft, figures: Figures) -> None:
    query = f"""
        select month, part_id as part, part_name_zh, part_name_en, emissions_tco2e
        from carbon.park_balance_monthly
        where {_OF_PERIOD} and basis = 'statutory' and part_kind = 'member' order by part, month
    """
    found = figures.rows(query)
    months = sorted({row["month"] for row in found})
    cells = {(row["month"], figures.name(row, "part_name")): row["emissions_tco2e"] for row in found}
    names = list(dict.fromkeys(name for _, name in cells))
    if figures.period.is_year:
        series = [Series(name, tuple(cells.get((month, name)) for month in months)) for name in names]
        caption = ("成员逐月排放（法定口径）", "Emissions of the members by month (statutory)")
        draft.chart(caption, "tCO₂e", [f"{month:%m}" for month in months], series)
    rows: list[tuple[Cell, ...]] = [
        (f"{month:%Y-%m}", *(tonnes(cells.get((month, name))) for name in names)) for month in months
    ]
    sums = [sum((cells.get((month, name)) or Decimal(0) for month in months), Decimal(0)) for name in names]
    rows.append((draft.say("合计", "Total"), *(tonnes(value) for value in sums)))
    columns = [Column(draft.say("月份", "Month")), *(Column(name, "tCO₂e", is_number=True) for name in names)]
    note = (
        "各成员按各自口径报告，含从园区内购入的间接排放，相加大于园区合计。",
        "Each member as it reports by itself, with what it bought inside the park: together more than the park.",
    )
    caption = ("成员排放（法定口径，各自报告）", "Emissions of the members (statutory, as each reports)")
    draft.table(caption, columns, rows, strong=[-1], notes=[note])


def _inside(draft: Draft, figures: Figures) -> None:
    draft.section("园区内转供", "Trade inside the park")
    query = """
        select organization_name_zh, organization_name_en, role_name_zh, role_name_en, carrier, carrier_name_zh,
            carrier_name_en, quantity_unit, sum(quantity) as quantity
        from energy.consumption_monthly
        where month between $first and $last and role in ('internal_purchase', 'internal_sale')
            and organization_id in (select unnest($members)) and energy_unit_id in (
                select root_energy_unit_id from reference.organizations
            )
        group by all order by carrier, role_name_en, organization_name_en
    """
    members = [one["organization_id"] for one in figures.members]
    rows = [
        (
            figures.name(row, "carrier_name"),
            figures.name(row, "role_name"),
            figures.name(row, "organization_name"),
            amount(row["quantity"], row["quantity_unit"]),
            shown(row["quantity_unit"]),
        )
        for row in figures.rows(query, members=members)
    ]
    if not rows:
        draft.text("成员之间没有转供。", "Members did not supply each other.")
        return
    titles = [("能源", "Energy"), ("方向", "Way"), ("成员", "Member")]
    columns = [Column(draft.say(*title)) for title in titles]
    columns += [Column(draft.say("数量", "Quantity"), is_number=True), Column(draft.say("单位", "Unit"))]
    draft.table(("成员之间的能源转供", "Energy that members supply to each other"), columns, rows)


def _gates(draft: Draft, figures: Figures) -> None:
    draft.section("关口平衡与公共设施", "Gates and common facilities")
    query = f"""
        select node, carrier, place, part_kind_name_zh, part_kind_name_en, part_name_zh, part_name_en, quantity_unit,
            sum(quantity) as quantity, sum(emissions_tco2) as emissions_tco2
        from carbon.park_gate_monthly where {_OF_PERIOD} group by all order by node, place, part_name_en
    """
    found = figures.rows(query)
    if not found:
        draft.text("能源网络（flows.csv）没有声明关口。", "The energy network (flows.csv) declares no gate.")
        return
    for node in dict.fromkeys(row["node"] for row in found):
        of_node = [row for row in found if row["node"] == node]
        gate = next((row["quantity"] for row in of_node if row["place"] == 1), None)
        rows = [
            (
                figures.name(row, "part_kind_name"),
                figures.name(row, "part_name"),
                amount(row["quantity"], row["quantity_unit"]),
                percent(row["quantity"] / gate) if gate and row["quantity"] is not None else None,
                tonnes(row["emissions_tco2"]),
            )
            for row in of_node
        ]
        unit = shown(of_node[0]["quantity_unit"])
        columns = [Column(draft.say("部分", "Part")), Column(draft.say("单位 / 设施", "Entity or facility"))]
        columns += [
            Column(draft.say("数量", "Quantity"), unit, is_number=True),
            Column(draft.say("占关口", "Of the gate"), "%", is_number=True),
            Column(draft.say("间接排放（基于位置）", "Indirect emissions, location based"), "tCO₂", is_number=True),
        ]
        draft.table((f"关口平衡：{node}", f"Balance of the gate {node}"), columns, rows)


def _certificates(draft: Draft, figures: Figures) -> None:
    draft.section("绿色电力证书", "Green power certificates")
    names = {one["organization_id"]: figures.name(one, "organization_name") for one in figures.members}
    found = [
        row
        for row in figures.thing("certificates")
        if figures.period.first <= row["month"] <= figures.period.last
        and row["organization_id"] in {figures.organization_id, *names}
    ]
    if not found:
        draft.text("报告期内没有登记的绿证。", "No certificate is listed for the period.")
        return
    known = figures.rows(
        "select distinct origin, origin_name_zh, origin_name_en from energy.electricity_origins_monthly"
    )
    origins = {row["origin"]: figures.name(row, "origin_name") for row in known}
    rows = [
        (
            row["certificate_id"],
            names.get(row["organization_id"], figures.name(figures.organization, "organization_name")),
            f"{row['month']:%Y-%m}",
            origins.get(row["origin"], str(row["origin"])),
            exact(row["quantity"]),
            str(row["unit"]),
            str(row["retired_on"]) if row["retired_on"] else draft.say("未注销", "not retired"),
            f"{row['serial_from']} – {row['serial_to']}" if row.get("serial_from") else None,
        )
        for row in sorted(
            found, key=lambda row: (row["month"], str(row["certificate_id"]), str(row["organization_id"]))
        )
    ]
    titles = [("绿证", "Certificate"), ("使用单位", "Used by"), ("月份", "Month"), ("来源", "Origin")]
    columns = [Column(draft.say(*title)) for title in titles]
    columns += [Column(draft.say("数量", "Quantity"), is_number=True), Column(draft.say("单位", "Unit"))]
    columns += [Column(draft.say("注销日期", "Retired on")), Column(draft.say("序列号", "Serial numbers"))]
    note = (
        "只有已注销的绿证在基于市场的口径中抵换同量的外购电力，且每份只计一次；重复登记的见“未决问题”。",
        "Retired certificates alone count, in the market-based account, for as much of the power bought, each once; "
        "one that is listed twice stands among the open findings.",
    )
    draft.table(("报告期内登记的绿证", "Certificates listed for the period"), columns, rows, notes=[note])
