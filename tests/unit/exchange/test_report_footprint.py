"""The footprint report: every contribution is in it and adds up, what is not known is a dash, and each part is told."""

from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import docx
import duckdb
import openpyxl
import pytest
import yaml

from exchange.reports import (
    excel,
    footprint_general,
    footprint_inventory,
    footprint_product,
    footprint_reading,
    footprint_release,
    footprint_results,
    footprint_scope,
    pdf,
    word,
)
from exchange.reports.document import NOTHING, Diagram, Document, Draft, Number, Table, Text
from exchange.reports.figures import Figures
from lake import periods
from lake.errors import LakeError
from tests.unit.exchange import footprint_marts

ROOT = Path(__file__).resolve().parents[3]
MARTS = ("products", "contributions", "contribution_tree", "changes", "allocations", "cut_offs")
PARTS = (
    *(footprint_general, footprint_scope, footprint_inventory),
    *(footprint_results, footprint_reading, footprint_release),
)
_WORKS = """
    create schema reference;
    create table reference.organizations as select * from (values
        ('park', null, '园区', 'Park', null, '0', null, null),
        ('works', 'park', '示例工厂', 'Example works', null, '1', 'C1', 'id')
    ) as rows (organization_id, parent_id, organization_name_zh, organization_name_en, guideline, level, credit_code,
        identifier);
    alter table reference.organizations add column industry_code varchar;
"""


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(_WORKS)
        footprint_marts.write(opened)
        yield opened


def of(
    marts: duckdb.DuckDBPyConnection,
    product: str | None = None,
    language: str = "en",
    organization: str = "works",
    period: str = "2025",
) -> Figures:
    figures = Figures(None, marts, organization, periods.period(period), language, None, product)  # type: ignore[arg-type]
    figures._things |= {
        "products": [{"product_id": "flange", "description_en": "A forged ring", "benchmark_source": "示例"}],
        "processes": [{"process_id": "kiln", "technology": "NSP kiln", "geography": "CN", "stage": "production"}],
    }
    published = {f"footprint.{mart}": None for mart in MARTS}
    figures.__dict__["manifest"] = SimpleNamespace(marts=published, ref={})
    return figures


def written(figures: Figures) -> Draft:
    draft = Draft(figures.language)
    for product in footprint_product.of_period(figures):
        for part in PARTS:
            part.section(draft, product, f" · {product.name}")
    draft.sections = [*draft.finished()]
    return draft


def tables(draft: Draft) -> dict[str, Table]:
    found = [block for section in draft.sections for block in section.blocks if isinstance(block, Table)]
    return {table.caption.split("  ", 1)[1]: table for table in found}


def column(table: Table, title: str) -> list[Decimal]:
    place = next(place for place, one in enumerate(table.columns) if one.title == title)
    cells = [row[place] for number, row in enumerate(table.rows) if number not in table.strong]
    return [Decimal(cell.value) for cell in cells if isinstance(cell, Number)]


def test_every_contribution_stands_in_the_inventory_and_adds_up(marts: duckdb.DuckDBPyConnection) -> None:
    found = tables(written(of(marts, "cement_425")))
    known = [part.kgco2e for part in footprint_marts.PARTS if part.product == "cement_425"]
    assert sorted(column(found["Inventory"], "Contribution")) == sorted(known)
    total = footprint_marts.total("cement_425")
    for caption in ("By life-cycle stage", "By process", "By supplier", "By gas"):
        assert sum(column(found[caption], "Contribution")) == total, caption
        assert sum(column(found[caption], "Share")) == pytest.approx(100, abs=Decimal("1e-9"))
    assert sum(column(found["By kind of carbon"], "Value")[:7]) == total


def test_a_sensitivity_is_a_tenth_of_the_contribution_either_way(marts: duckdb.DuckDBPyConnection) -> None:
    table = tables(written(of(marts, "flange")))["Largest contributions and their sensitivity"]
    total = footprint_marts.total("flange")
    parts = column(table, "Contribution")
    assert parts == [Decimal("11.5"), Decimal("2.5"), Decimal("1.25"), Decimal("0.75")]
    assert column(table, "Footprint at −10 %") == [total - part / 10 for part in parts]
    assert column(table, "Footprint at +10 %") == [total + part / 10 for part in parts]


def test_causes_lead_from_the_earlier_footprint_to_this_one(marts: duckdb.DuckDBPyConnection) -> None:
    table = tables(written(of(marts, "cement_425")))["Why it changed"]
    first, *causes, last = (row[1].value for row in table.rows)  # type: ignore[union-attr]
    assert first + sum(causes) == last == footprint_marts.total("cement_425")


def test_the_picture_ends_at_the_gate_or_at_the_grave(marts: duckdb.DuckDBPyConnection) -> None:
    shown = {}
    for product in ("cement_425", "flange"):
        blocks = [block for section in written(of(marts, product)).sections for block in section.blocks]
        [shown[product]] = [block for block in blocks if isinstance(block, Diagram)]
    inside = {product: [one.title for one in shown[product].stages if one.is_inside] for product in shown}
    assert inside == {
        "cement_425": ["Raw materials", "Production"],
        "flange": ["Raw materials", "Production", "Distribution", "Use"],
    }
    assert [one.title for one in shown["cement_425"].stages if not one.is_inside] == [
        "Distribution",
        "Use",
        "End of life",
    ]
    assert shown["flange"].stages[0].boxes == ("bar",)


def test_a_park_reports_the_products_of_its_members_under_their_names(marts: duckdb.DuckDBPyConnection) -> None:
    draft = written(of(marts, organization="park"))
    assert len(draft.sections) == 2 * len(PARTS)
    said = dict(tables(draft)["The organisation"].rows)  # type: ignore[arg-type]
    assert (said["Name"], said["Park or parent"]) == ("Example works", "Park")
    assert footprint_product.owner_of(of(marts, "flange", organization="park")) == "works"


def test_what_is_not_sold_is_told_only_where_it_is_asked_for(marts: duckdb.DuckDBPyConnection) -> None:
    marts.execute("update footprint.products set is_sold = false where product_id = 'cement_425'")
    assert [one.row["product_id"] for one in footprint_product.of_period(of(marts))] == ["flange"]
    assert [one.row["product_id"] for one in footprint_product.of_period(of(marts, "cement_425"))] == ["cement_425"]


def test_what_is_not_known_is_a_dash_and_what_is_not_published_is_said(marts: duckdb.DuckDBPyConnection) -> None:
    marts.execute(
        "update footprint.products set footprint_kgco2e = null, p5 = null, benchmark_kgco2e = null, dqr = null, "
        "is_complete = false, missing_en = 'no price of gypsum', previous_footprint_kgco2e = null"
    )
    marts.execute("delete from footprint.changes; delete from footprint.cut_offs; delete from footprint.allocations")
    draft = written(of(marts, "cement_425"))
    glance = [*tables(draft)["Results of 1 t"].texts()]
    assert glance[0][1] == NOTHING
    told = [block.text for section in draft.sections for block in section.blocks if isinstance(block, Text)]
    for said in ("no earlier period", "no benchmark product", "No flow was left out", "nothing was allocated"):
        assert any(said in text for text in told), said
    assert any("no price of gypsum" in text for text in told)
    assert any("No record of this footprint was released" in text for text in told)


@pytest.mark.parametrize(
    ("product", "period", "said"),
    [
        (
            "glass",
            "2025",
            "no footprint of glass is published for 2025: there are cement_425, flange; newest year 2025",
        ),
        (None, "1999", "no footprint of works is published for 1999: there are cement_425, flange; newest year 2025"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(
    marts: duckdb.DuckDBPyConnection, product: str | None, period: str, said: str
) -> None:
    with pytest.raises(LakeError, match=said):
        footprint_product.of_period(of(marts, product, period=period))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_three_writers_hold_every_table_and_the_picture(marts: duckdb.DuckDBPyConnection, language: str) -> None:
    draft = written(of(marts, "flange", language))
    head = ("r", "2025", language, "o", "m", "2026-01-02T03:04:05+00:00", (), ())
    document = Document(*head, tuple(draft.sections))
    read = docx.Document(BytesIO(word.written(document)))
    assert len(read.tables) - 1 == len([*document.tables()]) >= 18
    assert len(read.inline_shapes) == 3
    book = openpyxl.load_workbook(BytesIO(excel.written(document)))
    text = "\n".join(str(row[0].value) for row in book.worksheets[1].iter_rows())
    assert ("→ 原材料获取: bar" if language == "zh" else "→ Raw materials: bar") in text
    assert pdf.written(document) == pdf.written(document)


def test_the_marts_of_this_test_have_columns_that_the_real_ones_have(marts: duckdb.DuckDBPyConnection) -> None:
    described = yaml.safe_load((ROOT / "methods/marts.yaml").read_text("utf-8"))
    for mart in MARTS:
        here = {column[0] for column in marts.execute(f"select * from footprint.{mart} limit 0").description or ()}
        assert here - set(described[f"footprint.{mart}"]["columns"]) == set(), mart


@pytest.mark.parametrize(
    ("value", "text"),
    [("264.999163394", "264.999"), ("0.000001125", "0.00000112500"), ("1552393.27", "1,552,393"), ("0", "0.00000")],
)
def test_an_amount_keeps_six_digits_that_count(value: str, text: str) -> None:
    number = footprint_product.significant(Decimal(value))
    assert number is not None
    assert number.text == text
