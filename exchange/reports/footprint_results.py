"""The results of a footprint report: kinds of carbon apart, and by stage, process, supplier, gas and month."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from exchange.reports.document import Cell, Draft, Series
from exchange.reports.figures import Row
from exchange.reports.footprint_product import Product, heads, kilograms, numbers
from exchange.reports.units import percent, shown

#: Columns of footprint.products in the order they are told, the ones that add up to the footprint first.
_PARTS = (
    ("fossil_kgco2e", "化石排放（含航空）", "Fossil, aircraft within"),
    ("land_use_change_kgco2e", "土地利用变化", "Land use change"),
    ("land_management_kgco2e", "土地管理排放", "Land management"),
    ("land_management_removals_kgco2e", "土地管理清除", "Removals by land management"),
    ("biogenic_non_co2_kgco2e", "生物源非 CO₂", "Biogenic, other than CO₂"),
    ("technological_removals_kgco2e", "技术清除", "Technological removals"),
    ("capture_kgco2e", "捕集封存", "Capture and storage"),
)
_APART = (
    ("biogenic_uptake_kgco2e", "生物源 CO₂ 吸收", "Biogenic CO₂ uptake"),
    ("footprint_including_uptake_kgco2e", "含生物源吸收的足迹", "Footprint including uptake"),
    ("aircraft_kgco2e", "其中：航空运输", "Of it: aircraft"),
    ("packaging_kgco2e", "其中：包装", "Of it: packaging"),
    ("electricity_kgco2e", "其中：电力", "Of it: electricity"),
    ("outbound_logistics_kgco2e", "另列：出厂运输", "Beside it: transport to customers"),
)


def section(draft: Draft, product: Product, title: str) -> None:
    """Add the results."""
    draft.section(f"影响评价结果{title}", f"Results{title}")
    draft.text(
        f"每 {product.declared} 的产品碳足迹为 {_total(product)} {product.unit}。",
        f"The footprint of {product.declared} is {_total(product)} {product.unit}.",
    )
    draft.heading("按碳的类别", "By kind of carbon")
    _kinds(draft, product)
    draft.heading("按生命周期阶段", "By life-cycle stage")
    _stages(draft, product)
    _parts(draft, product, "process", ("按过程", "By process"), ("过程", "Process"))
    _suppliers(draft, product)
    draft.heading("按气体", "By gas")
    _gases(draft, product)
    _months(draft, product)


def _total(product: Product) -> str:
    told = kilograms(product.row["footprint_kgco2e"])
    return told.text if told else "—"


def _kinds(draft: Draft, product: Product) -> None:
    row = product.row
    rows: list[tuple[Cell, ...]] = [(draft.say(zh, en), kilograms(row[column])) for column, zh, en in _PARTS]
    rows.append((draft.say("产品碳足迹", "Footprint"), kilograms(row["footprint_kgco2e"])))
    rows += [(draft.say(zh, en), kilograms(row[column])) for column, zh, en in _APART]
    columns = [*heads(draft, (("类别", "Kind"),)), *numbers(draft, (("数值", "Value"),), product.unit)]
    caption = ("按碳的类别", "By kind of carbon")
    note = (
        "合计行以上各行相加为足迹；以下各行另列，不再相加。",
        "The rows above the total add up to it; those below are told beside it.",
    )
    draft.table(caption, columns, rows, strong=[len(_PARTS)], notes=[note])


def _grouped(product: Product, stem: str) -> list[dict[str, Any]]:
    key = stem if stem in ("gas", "stage") else f"{stem}_id"
    names = "" if stem == "gas" else f", {stem}_name_zh, {stem}_name_en"
    query = f"""
        select {key}{names}, sum(contribution_kgco2e) as contribution_kgco2e
        from footprint.contributions where product_id = $product and period = $period
        group by all having sum(contribution_kgco2e) <> 0 order by contribution_kgco2e desc, 1
    """
    return product.rows(query)


def _shared(
    draft: Draft, product: Product, caption: tuple[str, str], head: tuple[str, str], found: Sequence[Row]
) -> None:
    whole = product.row["footprint_kgco2e"]
    rows: list[tuple[Cell, ...]] = [
        (str(row["name"]), kilograms(row["contribution_kgco2e"]), _part(row["contribution_kgco2e"], whole))
        for row in found
    ]
    rows.append((draft.say("合计", "Total"), kilograms(whole), _part(whole, whole)))
    columns = [*heads(draft, (head,)), *numbers(draft, (("贡献", "Contribution"),), product.unit)]
    draft.table(caption, [*columns, *numbers(draft, (("占比", "Share"),), "%")], rows, strong=[-1])


def _part(value: object, whole: object) -> Cell:
    return percent(Decimal(str(value)) / Decimal(str(whole))) if value is not None and whole else None


def _stages(draft: Draft, product: Product) -> None:
    found = [row | {"name": product.figures.name(row, "stage_name")} for row in _grouped(product, "stage")]
    _shared(draft, product, ("按生命周期阶段", "By life-cycle stage"), ("阶段", "Stage"), found)
    query = """
        select stage, stage_name_zh, stage_name_en, contributor_kind, contributor_kind_name_zh,
            contributor_kind_name_en, sum(contribution_kgco2e) as contribution_kgco2e
        from footprint.contributions where product_id = $product and period = $period
        group by all having sum(contribution_kgco2e) <> 0 order by contribution_kgco2e desc, stage, contributor_kind
    """
    cells = {(row["stage"], row["contributor_kind"]): row for row in product.rows(query)}
    if not cells:
        return
    stages = {str(row["stage"]): str(row["name"]) for row in found}
    kinds = {kind: product.figures.name(row, "contributor_kind_name") for (_, kind), row in cells.items()}
    series = [Series(name, tuple(_value(cells.get((stage, kind))) for stage in stages)) for kind, name in kinds.items()]
    draft.chart(("各阶段的构成", "What each stage consists of"), product.unit, [*stages.values()], series)


def _value(row: Row | None) -> Decimal | None:
    return None if row is None else Decimal(str(row["contribution_kgco2e"]))


def _parts(draft: Draft, product: Product, stem: str, caption: tuple[str, str], head: tuple[str, str]) -> None:
    draft.heading(*caption)
    found = [row | {"name": product.figures.name(row, f"{stem}_name")} for row in _grouped(product, stem)]
    _shared(draft, product, caption, head, found)


def _suppliers(draft: Draft, product: Product) -> None:
    draft.heading("按供应商", "By supplier")
    own = draft.say("无供应商数据的部分（自有过程、次级数据）", "Without a supplier: own processes, secondary data")
    found = [
        row | {"name": product.figures.name(row, "supplier_name") if row["supplier_id"] else own}
        for row in _grouped(product, "supplier")
    ]
    if not any(row["supplier_id"] for row in found):
        draft.text(
            "没有采用供应商提供的足迹：供应商状态与可改进之处见仪表盘“供应链”。",
            "No footprint of a supplier is used: the page of the supply chain shows who was asked and what answers "
            "would improve.",
        )
        return
    _shared(draft, product, ("按供应商", "By supplier"), ("供应商", "Supplier"), found)


def _gases(draft: Draft, product: Product) -> None:
    found = [row | {"name": shown(str(row["gas"]))} for row in _grouped(product, "gas")]
    _shared(draft, product, ("按气体", "By gas"), ("气体", "Gas"), found)
    if any(row["gas"] == "CO2e" for row in found):
        draft.note(
            "CO₂e：上游因子只公布了二氧化碳当量合计，未按气体分列。",
            "CO₂e: factors of upstream data that are published as a sum of gases only.",
        )


def _months(draft: Draft, product: Product) -> None:
    query = """
        select period, footprint_kgco2e, primary_data_share_ratio, output_quantity from footprint.products
        where product_id = $product and period_kind = 'month' and period_start_on between $start and $end
        order by period
    """
    found = product.rows(query, start=product.row["period_start_on"], end=product.row["period_end_on"])
    if len(found) <= 1:
        return
    draft.heading("逐月", "By month")
    rows = [
        (str(row["period"]), kilograms(row["footprint_kgco2e"]), percent(row["primary_data_share_ratio"]))
        for row in found
    ]
    series = [Series(draft.say("足迹", "Footprint"), tuple(_month(row) for row in found))]
    draft.chart(("逐月足迹", "Footprint by month"), product.unit, [str(row["period"])[-2:] for row in found], series)
    columns = [*heads(draft, (("月份", "Month"),)), *numbers(draft, (("足迹", "Footprint"),), product.unit)]
    columns += numbers(draft, (("初级数据占比", "Primary data share"),), "%")
    draft.table(("逐月足迹", "Footprint by month"), columns, rows)


def _month(row: Row) -> Decimal | None:
    value = row["footprint_kgco2e"]
    return None if value is None else Decimal(str(value))
