"""The interpretation of a footprint report: hot spots, uncertainty, sensitivity, comparison, limitations."""

from decimal import Decimal

from exchange.reports.document import Cell, Draft
from exchange.reports.footprint_product import Product, heads, kilograms, numbers
from exchange.reports.units import exact, percent

#: How many of the largest contributions are shown, and by how much each is varied.
_LARGEST = 10
_VARIED = Decimal("0.10")


def section(draft: Draft, product: Product, title: str) -> None:
    """Add the interpretation."""
    draft.section(f"结果解释{title}", f"Interpretation{title}")
    draft.heading("重要贡献与敏感性", "Largest contributions and sensitivity")
    _sensitivity(draft, product)
    draft.heading("不确定性", "Uncertainty")
    _uncertainty(draft, product)
    draft.heading("与以前期间比较", "Against earlier periods")
    _changes(draft, product)
    draft.heading("与基准产品比较", "Against a benchmark product")
    _benchmark(draft, product)
    draft.heading("局限", "Limitations")
    _limits(draft, product)


def _sensitivity(draft: Draft, product: Product) -> None:
    query = """
        select exchange_id, process_name_zh, process_name_en, contributor_name_zh, contributor_name_en,
            sum(contribution_kgco2e) as contribution_kgco2e
        from footprint.contributions where product_id = $product and period = $period
        group by all order by abs(sum(contribution_kgco2e)) desc, exchange_id
    """
    whole, name = product.row["footprint_kgco2e"], product.figures.name
    rows: list[tuple[Cell, ...]] = []
    for row in product.rows(query)[:_LARGEST]:
        value = Decimal(str(row["contribution_kgco2e"]))
        varied = value * _VARIED
        rows.append(
            (
                f"{name(row, 'process_name')} / {name(row, 'contributor_name')}",
                kilograms(value),
                percent(value / whole) if whole else None,
                kilograms(whole - varied) if whole is not None else None,
                kilograms(whole + varied) if whole is not None else None,
                percent(abs(varied) / whole) if whole else None,
            )
        )
    columns = [*heads(draft, (("贡献者", "Contributor"),)), *numbers(draft, (("贡献", "Contribution"),), product.unit)]
    columns += numbers(draft, (("占比", "Share"),), "%")
    columns += numbers(
        draft, (("−10 % 时足迹", "Footprint at −10 %"), ("+10 % 时足迹", "Footprint at +10 %")), product.unit
    )
    columns += numbers(draft, (("足迹变化 ±", "Change ±"),), "%")
    note = (
        "敏感性：该项用量或因子变化 ±10 % 时的足迹，其余不变（足迹对每一项是线性的）。",
        "Sensitivity: the footprint when amount or factor of this one flow is 10 % less or more, all else the same; a "
        "footprint is linear in each of its flows.",
    )
    draft.table(("最大的贡献及其敏感性", "Largest contributions and their sensitivity"), columns, rows, notes=[note])


def _uncertainty(draft: Draft, product: Product) -> None:
    row = product.row
    if row["p5"] is None:
        draft.text("输入的不确定度未给出，未作抽样。", "No uncertainty of inputs is known; nothing was drawn.")
        return
    names = (
        ("footprint_kgco2e", "足迹", "Footprint"),
        ("p5", "5 % 分位", "5th percentile"),
        ("p95", "95 % 分位", "95th percentile"),
    )
    rows: list[tuple[Cell, ...]] = [(draft.say(zh, en), kilograms(row[column])) for column, zh, en in names]
    columns = [*heads(draft, (("项目", "What"),)), *numbers(draft, (("数值", "Value"),), product.unit)]
    draft.table(("不确定性（蒙特卡罗）", "Uncertainty (Monte Carlo)"), columns, rows)
    draws = exact(row["draws_count"])
    said = draws.text if draws else "—"
    covered = percent(row["uncertain_ratio"])
    known = covered.text if covered else "—"
    draft.text(
        f"蒙特卡罗抽样 {said} 次，种子固定，同一数据给出同一结果；同一因子在各过程中一并变化。"
        f"区间只反映已知不确定度的流，其贡献占足迹的 {known} %；其余流按其数值计，区间因此偏窄。",
        f"{said} draws with a fixed seed: the same data give the same result. A factor that several flows use is drawn "
        f"once for all of them. The interval holds the flows whose uncertainty is known, {known} % of the footprint by "
        "size; the others stand at their value, so that the interval is too narrow.",
    )


def _changes(draft: Draft, product: Product) -> None:
    query = """
        select * from footprint.changes where product_id = $product and period = $period order by effect_order, effect
    """
    found = product.rows(query) if product.figures.has("footprint.changes") else []
    before = product.row["previous_footprint_kgco2e"]
    if not found or before is None:
        draft.text("没有可比较的以前期间。", "There is no earlier period to compare with.")
        return
    earlier = str(product.row["previous_period"])
    name = product.figures.name
    rows: list[tuple[Cell, ...]] = [(draft.say(f"{earlier} 足迹", f"Footprint of {earlier}"), kilograms(before))]
    rows += [(name(row, "effect_name"), kilograms(row["change_kgco2e"])) for row in found]
    now = product.row["footprint_kgco2e"]
    rows.append((draft.say(f"{product.row['period']} 足迹", f"Footprint of {product.row['period']}"), kilograms(now)))
    columns = [*heads(draft, (("原因", "Cause"),)), *numbers(draft, (("变化", "Change"),), product.unit)]
    note = (
        "各原因相加等于两期之差（对数平均迪氏分解）。",
        "The causes add up to the difference of the two periods (logarithmic mean Divisia index).",
    )
    draft.table(("变化的原因", "Why it changed"), columns, rows, strong=[0, -1], notes=[note])


def _benchmark(draft: Draft, product: Product) -> None:
    row = product.row
    if row["benchmark_kgco2e"] is None:
        draft.text("站点未给出基准产品。", "The site names no benchmark product.")
        return
    rows: list[tuple[Cell, ...]] = [
        (draft.say("本产品", "This product"), kilograms(row["footprint_kgco2e"]), product.unit),
        (draft.say("基准产品", "Benchmark product"), kilograms(row["benchmark_kgco2e"]), product.unit),
        (draft.say("差异", "Difference"), percent(row["benchmark_ratio"]), "%"),
    ]
    columns = [*heads(draft, (("项目", "What"),)), *numbers(draft, (("数值", "Value"),), "")]
    columns += heads(draft, (("单位", "Unit"),))
    draft.table(("与基准产品比较", "Against the benchmark product"), columns, rows)
    source = product.described.get("benchmark_source")
    draft.note(
        f"基准来源：{source or '未说明'}。基准供定位，不构成比较性声明。",
        f"Source of the benchmark: {source or 'not told'}. It is for orientation, and no comparative claim.",
    )


def _limits(draft: Draft, product: Product) -> None:
    draft.text(
        "本研究只涉及气候变化一类影响，不能代表产品的全部环境表现。结果依赖所选边界、声明单位、分配方法与次级数据，"
        "不同规则下的产品碳足迹不宜直接比较。",
        "The study is about climate change alone and says nothing of other impacts. Results depend on boundary, "
        "declared unit, allocation and secondary data: footprints that were made by other rules are not to be "
        "compared with it.",
    )
    row = product.row
    if not row["is_complete"]:
        draft.text(f"缺失：{row['missing_zh']}。", f"Missing: {row['missing_en']}.")
    if (
        row["months_count"] is not None
        and product.figures.period.is_year
        and int(row["months_count"]) < len(product.figures.period.months)
    ):
        draft.text(
            f"年度内只有 {row['months_count']} 个月有数据，结果为这些月份的加权。",
            f"Data are there of {row['months_count']} months of the year; the result is theirs.",
        )
