"""What a report is made of: numbers as they are printed, columns wide enough, parts numbered in order."""

from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.reports import excel, pdf, stable, units, word
from exchange.reports.document import (
    LINE,
    NOTHING,
    Chart,
    Column,
    Document,
    Draft,
    Number,
    Series,
    Table,
    printed,
    width,
)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("1376392.474415", 2, "1,376,392.47"),
        ("0.125", 2, "0.13"),
        ("-0.125", 2, "-0.13"),
        ("-0.001", 2, "0.00"),
        ("2.170839316800", None, "2.1708393168"),
        ("98.0000000000", None, "98"),
        ("1200", None, "1,200"),
        ("0", None, "0"),
        ("100140718.596", 0, "100,140,719"),
    ],
)
def test_a_number_is_printed_with_its_places(value, places, text):
    assert Number(Decimal(value), places).text == text


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6, allow_nan=False), st.integers(0, 6))
def test_what_is_printed_is_within_half_of_the_last_place(value, places):
    shown = Decimal(Number(value, places).text.replace(",", ""))
    assert abs(shown - value) <= Decimal(5).scaleb(-places - 1)
    assert Number(value, places).layout.count("0", 5) == places


def test_no_value_is_a_dash_and_never_a_zero():
    assert printed(None) == NOTHING
    assert printed("") == ""
    assert units.tonnes(None) is None
    assert units.percent(None) is None


def test_units_are_written_as_people_write_them():
    assert units.shown("tCO2/m3_20c") == "tCO₂/m³ (20 °C)"
    assert units.shown("kgN2O/TJ") == "kgN₂O/TJ"
    assert units.shown(None) == ""


def test_no_word_and_no_number_is_wider_than_its_column():
    columns = (Column("编号"), Column("Quantity", "kWh", is_number=True), Column("What was found"))
    long = "a sentence that is long enough to be broken over several lines of a narrow column of the page"
    rows = (("fuel-mee_2022_2024_guides", Number(Decimal("123456789.123456"), 6), long),)
    asked = Table("t", columns, rows).widths(LINE)
    assert asked[0] >= width("mee_2022_2024_guides")
    assert asked[1] >= width("123,456,789.123456")
    assert asked[2] > 40


def draft(language: str) -> Document:
    made = Draft(language)
    made.section("一", "one")
    made.heading("甲", "a")
    made.table(("量", "amounts"), [Column("x"), Column("y", "t", is_number=True)], [("a", Number(1)), ("b", Number(2))])
    made.chart(("图", "chart"), "t", ["01", "02"], [Series("s", (Decimal(3), Decimal(-1)))])
    made.section("二", "two", is_wide=True)
    made.table(("量", "amounts"), [Column("x")], [("a",), ("total",)], strong=[-1], notes=[("注", "note")])
    facts = (("期间", "2025"),)
    return Document(
        "报告", "2025", language, "某厂", "第 1 次发布", "2026-01-02T03:04:05+00:00", facts, (), made.finished()
    )


def test_sections_tables_and_charts_are_numbered_as_they_come():
    assert [section.title for section in draft("en").sections] == ["1  one", "2  two"]
    assert [table.caption for table in draft("zh").tables()] == ["表1-1  量", "表2-1  量"]
    charts = [block for section in draft("en").sections for block in section.blocks if isinstance(block, Chart)]
    assert charts[0].caption == "Figure 1-1  chart"
    assert [*draft("en").tables()][1].strong == frozenset({1})


def test_each_writer_says_the_same_twice():
    for written in (word.written, excel.written, pdf.written):
        assert written(draft("zh")) == written(draft("zh"))


def test_what_people_wrote_is_text_and_nothing_else():
    made = Draft("en")
    made.section("一", "one")
    made.table(
        ("量", "it's"),
        [Column("x"), Column("y")],
        [('=HYPERLINK("a")', "bell\x07 rings"), (None, "#{panic()} *a* $1$")],
    )
    document = Document("r", "2025", "en", "o", "m", "2026-01-02T03:04:05+00:00", (), (), made.finished())
    book = openpyxl.load_workbook(BytesIO(excel.written(document)))
    cell = book.worksheets[2]["A3"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("a")', "s")
    read = docx.Document(BytesIO(word.written(document))).tables[1]
    assert [cell.text for row in read.rows[1:] for cell in row.cells] == [
        *('=HYPERLINK("a")', "bell rings", NOTHING, "#{panic()} *a* $1$")
    ]
    assert pdf.written(document).startswith(b"%PDF")


def test_packing_again_keeps_what_is_inside():
    file = BytesIO()
    with ZipFile(file, "w") as package:
        package.writestr("a.xml", "<a/>")
        package.writestr(
            "docProps/core.xml", "<dcterms:created>1</dcterms:created><dcterms:modified>2</dcterms:modified>"
        )
    packed = stable.packed(file.getvalue())
    with ZipFile(BytesIO(packed)) as package:
        assert package.read("a.xml") == b"<a/>"
        assert package.read("docProps/core.xml").endswith(b"<dcterms:modified>1</dcterms:modified>")
        assert {member.date_time[0] for member in package.infolist()} == {1980}
    assert stable.packed(packed) == packed
