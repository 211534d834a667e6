"""The footprint report: for each product the parts of a life-cycle study, in the order of GB/T 24067 and ISO 14067.

General information, goal and scope, inventory, results, interpretation, release (ISO 14067:2018 clause 7, GB/T 24044).
"""

from dataclasses import replace

from exchange.reports import (
    footprint_general,
    footprint_inventory,
    footprint_reading,
    footprint_release,
    footprint_results,
    footprint_scope,
    opening,
)
from exchange.reports.document import Document, Draft
from exchange.reports.figures import Figures
from exchange.reports.footprint_product import Product, heads, kilograms, of_period

_TITLE = ("产品碳足迹报告", "Product carbon footprint report")
_GLOSSARY = (
    (
        "产品碳足迹",
        "Product carbon footprint",
        "产品系统中温室气体排放量与清除量之和，以二氧化碳当量表示，仅涉及气候变化一类影响。",
        "Sum of greenhouse gas emissions and removals of a product system in CO₂ equivalents; climate change alone.",
    ),
    (
        "声明单位 / 功能单位",
        "Declared unit, functional unit",
        "结果所对应的产品数量；覆盖全生命周期时按其功能表示。",
        "The amount of product that results are told for; over the whole life, the function it gives.",
    ),
    (
        "初级数据占比",
        "Primary data share",
        "足迹中由实测或供应商实际数据得出的部分所占比例。",
        "Share of the footprint that comes from measured data of the plant or of its suppliers.",
    ),
    (
        "数据质量评分",
        "Data quality rating",
        "技术、时间、地域代表性等维度的评分，1 最好，5 最差。",
        "Rating of technology, time and geography: 1 is best, 5 is worst.",
    ),
    (
        "电力碳足迹因子",
        "Footprint factor of electricity",
        "含发电上游与输配电损失的全生命周期因子，不同于核算用的电网排放因子。",
        "Life-cycle factor with fuel supply and network losses; not the emission factor of corporate accounts.",
    ),
    (
        "取舍",
        "Cut-off",
        "按准则不计入的输入或输出，逐项列明。",
        "A flow that is left out by a rule, each one named.",
    ),
    (
        "次级数据",
        "Secondary data",
        "数据库或文献中的数值，非现场数据。",
        "A value of a database or document, not of the site.",
    ),
)


def document(figures: Figures) -> Document:
    """Return the report of one product, or of every product of an organisation."""
    products = of_period(figures)
    draft = Draft(figures.language)
    for product in products:
        title = f" · {product.name}" if len(products) > 1 else ""
        footprint_general.section(draft, product, title)
        footprint_scope.section(draft, product, title)
        footprint_inventory.section(draft, product, title)
        footprint_results.section(draft, product, title)
        footprint_reading.section(draft, product, title)
        footprint_release.section(draft, product, title)
    _glossary(draft)
    opening.signatures(draft, figures)
    opening.proof(draft, figures)
    made = opening.document(draft, figures, _TITLE, _remarks(products))
    return replace(made, subtitle=_subtitle(draft, made, products), facts=(*_facts(draft, products), *made.facts))


def _subtitle(draft: Draft, made: Document, products: list[Product]) -> str:
    """Say what it is about beside the period: one product by its name, several by their number."""
    several = draft.say(f"{len(products)} 种产品", f"{len(products)} products")
    return f"{products[0].name if len(products) == 1 else several} · {made.subtitle}"


def _facts(draft: Draft, products: list[Product]) -> list[tuple[str, str]]:
    """Return each product with its footprint, for the cover."""
    unknown = draft.say("数据不完整", "not complete")
    told = [(one, kilograms(one.row["footprint_kgco2e"])) for one in products]
    return [(one.name, f"{value.text} {one.unit}" if value else unknown) for one, value in told]


def _glossary(draft: Draft) -> None:
    draft.section("术语", "Glossary")
    rows = [(draft.say(zh, en), draft.say(told_zh, told_en)) for zh, en, told_zh, told_en in _GLOSSARY]
    columns = heads(draft, (("术语", "Term"), ("含义", "Meaning")))
    draft.table(("术语", "Terms"), columns, rows)


def _remarks(products: list[Product]) -> list[tuple[str, str]]:
    told = []
    for product in products:
        name = (str(product.row["product_name_zh"]), str(product.row["product_name_en"]))
        if not product.row["is_complete"]:
            told.append(
                (
                    f"{name[0]}：数据不完整，未给出合计（{product.row['missing_zh']}）。",
                    f"{name[1]}: not complete, no total is told ({product.row['missing_en']}).",
                )
            )
        query = """
            select count(distinct exchange_id) as recalled from footprint.contributions
            where product_id = $product and period = $period and is_recalled
        """
        if recalled := product.rows(query)[0]["recalled"]:
            told.append(
                (
                    f"{name[0]}：{recalled} 项流依据凭记忆的因子，对外使用前须核对原文。",
                    f"{name[1]}: {recalled} flows rest on recalled factors; check them before it goes out.",
                )
            )
    return told
