"""The last part of a footprint report: verification, releases, and what a certification of the label asks for."""

from exchange.reports.document import Cell, Draft
from exchange.reports.footprint_product import Product, heads, kilograms, numbers
from exchange.reports.units import exact

#: What a certification of the label is given, and where it stands in the report: part and heading of each product.
_LABEL = (
    ("生产者与产品信息", "Producer and product", "概况", "General information"),
    (
        "声明单位、系统边界与过程",
        "Declared unit, boundary, processes",
        "目的与范围：系统边界",
        "Goal and scope: boundary",
    ),
    ("取舍与分配", "Cut-offs and allocation", "目的与范围：取舍准则、分配", "Goal and scope: cut-offs, allocation"),
    ("活动数据与因子来源", "Activity data and factors", "清单分析", "Inventory"),
    ("数据质量与初级数据占比", "Data quality, primary data share", "清单分析：数据质量", "Inventory: data quality"),
    ("量化结果（合计与分阶段）", "Result, whole and by stage", "影响评价结果", "Results"),
    ("不确定性与敏感性", "Uncertainty and sensitivity", "结果解释", "Interpretation"),
    (
        "持续减排依据（历年比较）",
        "Continued reduction (years compared)",
        "结果解释：与以前期间比较",
        "Interpretation: periods",
    ),
    ("原始记录的追溯", "Traceability to records", "存证与版本", "Evidence and versions"),
)


def section(draft: Draft, product: Product, title: str) -> None:
    """Add the statements."""
    draft.section(f"核查、发布与标识{title}", f"Verification, releases and label{title}")
    draft.heading("核查声明", "Statement about verification")
    told = product.described.get("verification")
    draft.text(
        told or "本报告由生产者自行编制，尚未经第三方核查。数据与计算可离线复核（见“存证与版本”）。",
        told
        or "The report was made by the producer and was not verified by a third party. Data and reckoning can be "
        "checked offline (see evidence and versions).",
    )
    draft.heading("发布版本", "Releases")
    _releases(draft, product)
    draft.heading("标识认证资料", "What a label certification asks for")
    rows = [(draft.say(zh, en), draft.say(where_zh, where_en)) for zh, en, where_zh, where_en in _LABEL]
    columns = heads(draft, (("资料", "What"), ("在本报告中的位置", "Where in this report")))
    note = (
        "对照《产品碳足迹标识认证通用实施规则（试行）》公开介绍的要点整理；规则原文未见，以认证机构要求为准。",
        "After public summaries of the general rules of label certification (trial, 2025). The rules themselves were "
        "not seen: what the certification body asks for holds.",
    )
    draft.table(("标识认证资料对照", "Where to find what is asked for"), columns, rows, notes=[note])


def _releases(draft: Draft, product: Product) -> None:
    query = "select * from footprint.releases where product_id = $product order by version"
    found = product.rows(query) if product.figures.has("footprint.releases") else []
    if not found:
        draft.text(
            "该产品尚未发布碳足迹记录（nengtan footprint release）。",
            "No record of this footprint was released yet (nengtan footprint release).",
        )
        return
    name = product.figures.name
    rows: list[tuple[Cell, ...]] = [
        (
            exact(row["version"]),
            str(row["record_id"]),
            name(row, "status_name") or str(row["status"]),
            str(row["period"]),
            f"{row['released_at']:%Y-%m-%d}" if row["released_at"] else None,
            kilograms(row["footprint_kgco2e"]),
        )
        for row in found
    ]
    columns = numbers(draft, (("版本", "Version"),), "")
    columns += heads(draft, (("记录编号", "Record"), ("状态", "State"), ("期间", "Period"), ("发布", "Released")))
    columns += numbers(draft, (("足迹", "Footprint"),), product.unit)
    draft.table(("已发布的版本", "Versions that were released"), columns, rows)
