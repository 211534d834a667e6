"""The inventory of a footprint report: flows by process, where their values come from, and how good they are."""

from exchange.reports.document import Cell, Draft
from exchange.reports.figures import Row
from exchange.reports.footprint_product import Product, heads, kilograms, numbers, significant
from exchange.reports.units import exact, percent, shown

_PROVIDERS = {
    "process": ("本企业过程", "own process"),
    "supplier": ("供应商", "supplier"),
    "secondary": ("次级数据", "secondary data"),
    "electricity": ("电力", "electricity"),
    "emissions": ("本企业直接排放", "own direct emissions"),
    "none": ("未计入", "left out"),
}
_CONFIDENCE = {"verified": ("见于文件", "seen"), "recalled": ("凭记忆", "recalled"), "assumed": ("假定", "assumed")}


def section(draft: Draft, product: Product, title: str) -> None:
    """Add the inventory."""
    draft.section(f"清单分析{title}", f"Inventory{title}", is_wide=True)
    draft.heading("数据来源", "Where data come from")
    _origins(draft, product)
    draft.heading("各过程的流", "Flows of the processes")
    _flows(draft, product)
    draft.heading("次级数据与版本", "Secondary data and their versions")
    _secondary(draft, product)
    draft.heading("数据质量", "Data quality")
    _quality(draft, product)


def _origins(draft: Draft, product: Product) -> None:
    draft.text(
        "现场用量取自本系统的计量、产量与活动数据（报告期内本企业的实际单耗），供应商数据为经审核的供应商产品碳足迹，其余为次级数据。",
        "Amounts of the site are those of its meters, output and activity records, at the intensity of the period. "
        "Values of suppliers are footprints that were reviewed; the rest is secondary data.",
    )
    query = """
        select provider_kind, is_primary, count(distinct exchange_id) as flows_count,
            sum(contribution_kgco2e) as contribution_kgco2e, sum(share_ratio) as share_ratio
        from footprint.contributions where product_id = $product and period = $period
        group by all order by contribution_kgco2e desc, provider_kind
    """
    rows = [
        (
            _provider(draft, row),
            draft.say("初级", "primary") if row["is_primary"] else draft.say("次级", "secondary"),
            exact(row["flows_count"]),
            kilograms(row["contribution_kgco2e"]),
            percent(row["share_ratio"]),
        )
        for row in product.rows(query)
    ]
    columns = heads(draft, (("提供者", "Given by"), ("数据", "Data")))
    columns += [*numbers(draft, (("流", "Flows"),), ""), *numbers(draft, (("贡献", "Contribution"),), product.unit)]
    columns += numbers(draft, (("占比", "Share"),), "%")
    draft.table(("数据来源", "Where data come from"), columns, rows)


def _flows(draft: Draft, product: Product) -> None:
    query = """
        select * from footprint.contributions where product_id = $product and period = $period
        order by process_id, contribution_kgco2e desc, contributor
    """
    name = product.figures.name
    rows: list[tuple[Cell, ...]] = [
        (
            name(row, "process_name"),
            name(row, "contributor_name"),
            significant(row["quantity"]),
            product.said(row["quantity_unit"]) or None,
            significant(row["factor"]),
            product.said(row["factor_unit"]) or None,
            row["factor_id"],
            draft.say("是", "yes") if row["is_primary"] else draft.say("否", "no"),
            shown(str(row["gas"] or "CO2e")),
            name(row, "kind_of_carbon_name"),
            kilograms(row["contribution_kgco2e"]),
            kilograms(row["beside_kgco2e"]) if row["beside_kgco2e"] else None,
        )
        for row in product.rows(query)
    ]
    whole = kilograms(product.row["footprint_kgco2e"])
    rows.append((draft.say("合计", "Total"), *[""] * 9, whole, ""))
    columns = heads(draft, (("过程", "Process"), ("流", "Flow")))
    columns += [*numbers(draft, (("数量", "Amount"),), ""), *heads(draft, (("单位", "Unit"),))]
    columns += [
        *numbers(draft, (("因子", "Factor"),), ""),
        *heads(draft, (("单位", "Unit"), ("因子编号", "Factor row"))),
    ]
    columns += heads(draft, (("初级", "Primary"), ("气体", "Gas"), ("碳的类别", "Carbon")))
    columns += numbers(draft, (("贡献", "Contribution"), ("另列", "Beside it")), product.unit)
    note = (
        f"数量与贡献均按 {product.declared} 计。另列：不计入足迹的部分（生物源吸收、出厂运输）。",
        f"Amounts and contributions are of {product.declared}. Beside it: what is told and not in the footprint "
        "(biogenic uptake, transport to customers).",
    )
    draft.table(("清单", "Inventory"), columns, rows, strong=[-1], notes=[note])


def _secondary(draft: Draft, product: Product) -> None:
    query = """
        select factor_id, source, source_version, factor_confidence, string_agg(distinct contributor_name_zh, '、') as
            used_for_zh, string_agg(distinct contributor_name_en, ', ') as used_for_en,
            sum(contribution_kgco2e) as contribution_kgco2e
        from footprint.contributions
        where product_id = $product and period = $period and not is_primary
        group by all order by contribution_kgco2e desc, factor_id
    """
    found = product.rows(query)
    if not found:
        draft.text("没有使用次级数据。", "No secondary data were used.")
        return
    tables = ("factor_footprint", "factor_grid", "factors", "supplier_footprints")
    keys = ("factor_id", "supplier_footprint_id")
    documents = {
        str(row[key]): row for table in tables for row in product.figures.thing(table) for key in keys if row.get(key)
    }
    rows = [
        (
            row["factor_id"],
            product.figures.name(row, "used_for"),
            *_document(documents.get(str(row["factor_id"]), {}), row),
            draft.say(*_CONFIDENCE.get(str(row["factor_confidence"]), ("未说明", "not told"))),
            kilograms(row["contribution_kgco2e"]),
        )
        for row in found
    ]
    titles = (("因子编号", "Factor row"), ("用于", "Used for"), ("来源", "Source"), ("版本", "Version"))
    columns = heads(draft, (*titles, ("可信度", "Confidence")))
    columns += numbers(draft, (("贡献", "Contribution"),), product.unit)
    draft.table(("次级数据", "Secondary data"), columns, rows)


def _document(told: Row, row: Row) -> tuple[str | None, str | None]:
    """Return the document of a secondary value and its version: what the mart says, else the row of the library."""
    source = row["source"] or told.get("source") or told.get("locator") or told.get("source_id")
    version = row["source_version"] or told.get("data_year") or told.get("valid_from") or told.get("reference_from")
    return str(source) if source else None, str(version) if version else None


def _quality(draft: Draft, product: Product) -> None:
    row = product.row
    dimensions = (
        ("dqr_technology", "技术代表性", "Technology"),
        ("dqr_time", "时间代表性", "Time"),
        ("dqr_geography", "地域代表性", "Geography"),
        ("dqr_completeness", "完整性", "Completeness"),
        ("dqr_reliability", "可靠性", "Reliability"),
    )
    rows: list[tuple[Cell, ...]] = [(draft.say(zh, en), exact(row[column])) for column, zh, en in dimensions]
    rows.append((draft.say("平均（技术、时间、地域）", "Mean of technology, time, geography"), exact(row["dqr"])))
    columns = [*heads(draft, (("维度", "Dimension"),)), *numbers(draft, (("评分", "Rating"),), "")]
    note = (
        "按贡献绝对值加权；1 最好，5 最差。未评分的流不进入平均。",
        "Weighted by the size of contributions; 1 is best, 5 worst. A flow without a rating is in no mean.",
    )
    draft.table(("数据质量评分", "Data quality ratings"), columns, rows, strong=[-1], notes=[note])
    draft.text(
        f"初级数据占比 {_share(product)} %。",
        f"Primary data make up {_share(product)} % of the footprint.",
    )


def _share(product: Product) -> str:
    told = percent(product.row["primary_data_share_ratio"])
    return told.text if told else "—"


def _provider(draft: Draft, row: Row) -> str:
    return draft.say(*_PROVIDERS[str(row["provider_kind"] or "emissions")])
