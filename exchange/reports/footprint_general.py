"""General information of a footprint report: whom and what it is about, by which standards, the result at a glance."""

from exchange.reports import opening
from exchange.reports.document import Cell, Draft
from exchange.reports.footprint_product import Product, heads, kilograms, numbers
from exchange.reports.units import amount, exact, percent


def section(draft: Draft, product: Product, title: str) -> None:
    """Add who makes the product, what it is, by which standards, and the result at a glance."""
    draft.section(f"概况{title}", f"General information{title}")
    draft.heading("生产者", "Producer")
    opening.basics(draft, product.producer, [])
    draft.heading("产品", "Product")
    _product(draft, product)
    draft.heading("依据", "Standards")
    _standards(draft, product)
    draft.heading("结果一览", "Result at a glance")
    _glance(draft, product)


def _product(draft: Draft, product: Product) -> None:
    say, row, told = draft.say, product.row, product.described
    facts: list[tuple[str, Cell]] = [
        (say("产品名称", "Product"), product.name),
        (say("产品编码", "Identifier in this system"), str(row["product_id"])),
        (say("描述", "Description"), product.text("description")),
        (say("声明单位", "Declared unit"), product.declared),
        (say("功能单位", "Functional unit"), product.text("functional_unit")),
        (say("每声明单位质量 (kg)", "Mass of the declared unit (kg)"), exact(row["mass_per_declared_unit_kg"])),
        (say("产品标识", "Product identifier"), told.get("product_identifier")),
        (say("海关编码 (CN)", "Combined nomenclature (CN)"), told.get("cn_code")),
        (say("产品分类 (CPC)", "Central product classification (CPC)"), told.get("cpc_code")),
        (say("化石碳含量 (kg C)", "Fossil carbon content (kg C)"), exact(told.get("fossil_carbon_content_kgc"))),
        (say("生物碳含量 (kg C)", "Biogenic carbon content (kg C)"), exact(told.get("biogenic_carbon_content_kgc"))),
        (say("再生碳含量 (kg C)", "Recycled carbon content (kg C)"), exact(told.get("recycled_carbon_content_kgc"))),
        (
            say(
                f"报告期产量 ({product.said(row['output_quantity_unit'])})",
                f"Made in the period ({product.said(row['output_quantity_unit'])})",
            ),
            amount(row["output_quantity"], row["output_quantity_unit"]),
        ),
    ]
    draft.table(("产品信息", "The product"), heads(draft, (("项目", "What"), ("内容", "Value"))), facts)


def _standards(draft: Draft, product: Product) -> None:
    say, row = draft.say, product.row
    facts = [
        (
            say("量化标准", "Quantification"),
            say(
                "GB/T 24067-2024；ISO 14067:2018；GB/T 24040、GB/T 24044", "GB/T 24067-2024; ISO 14067:2018; GB/T 24044"
            ),
        ),
        (
            say("产品种类规则", "Product category rules"),
            product.described.get("product_rules") or say("未采用专门规则", "none was used"),
        ),
        (
            say("时间范围", "Period"),
            say(
                f"{row['period_start_on']} 至 {row['period_end_on']}（{row['months_count']} 个月有数据）",
                f"{row['period_start_on']} to {row['period_end_on']} ({row['months_count']} months of data)",
            ),
        ),
        (say("系统边界", "System boundary"), product.figures.name(row, "boundary_name")),
        (say("全球变暖潜势", "Warming potentials"), f"{row['gwp_set']}, GWP100"),
    ]
    draft.table(("依据与范围", "Standards and range"), heads(draft, (("项目", "What"), ("内容", "Value"))), facts)
    draft.note(
        "报告按上述标准所要求的内容编排（ISO 14067 第 7 章“产品碳足迹研究报告”）；标准原文未见，"
        "不对应其条目编号与表式。碳抵消不计入产品碳足迹。",
        "The report holds what these standards ask of a study report (ISO 14067 clause 7). Their text was not seen: "
        "no numbering or form of theirs is claimed. Offsets are no part of a footprint.",
    )


def _glance(draft: Draft, product: Product) -> None:
    say, row, unit = draft.say, product.row, product.unit
    rows: list[tuple[Cell, ...]] = [
        (
            say("产品碳足迹（不含生物源吸收）", "Footprint, excluding biogenic uptake"),
            kilograms(row["footprint_kgco2e"]),
            unit,
        ),
        (
            say("产品碳足迹（含生物源吸收）", "Footprint, including biogenic uptake"),
            kilograms(row["footprint_including_uptake_kgco2e"]),
            unit,
        ),
        (say("5 % 分位", "5th percentile"), kilograms(row["p5"]), unit),
        (say("95 % 分位", "95th percentile"), kilograms(row["p95"]), unit),
        (say("初级数据占比", "Primary data share"), percent(row["primary_data_share_ratio"]), "%"),
        (say("数据质量评分（1 最好，5 最差）", "Data quality rating (1 best, 5 worst)"), exact(row["dqr"]), "1"),
        (say("取舍（豁免）占比", "Exempted share"), percent(row["exempted_ratio"]), "%"),
        (say("与上期相比", "Against the period before"), percent(row["change_ratio"]), "%"),
        (say("与基准产品相比", "Against the benchmark product"), percent(row["benchmark_ratio"]), "%"),
    ]
    columns = [*heads(draft, (("项目", "What"),)), *numbers(draft, (("数值", "Value"),), "")]
    draft.table(
        (f"{product.declared} 的结果", f"Results of {product.declared}"),
        [*columns, *heads(draft, (("单位", "Unit"),))],
        rows,
        strong=[0],
    )
