"""Reports of the published park: each file says what the marts say, to the last digit, and opens in another office."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from exchange.reports import kinds
from exchange.reports.document import Document, Heading, Lines, Number
from exchange.reports.figures import Figures
from lake import periods, published
from lake.store import Lake
from pipelines.cli.main import status_of
from quality.evidence import chain
from tests.integration import report_files
from tests.integration.neighbours import Neighbours
from tests.integration.reference_park import ROOT, Park

pytestmark = pytest.mark.integration

SITE = str(ROOT / "examples/reference_park")
#: Kind, legal entity, period, language: each kind in one language at least, one kind in both.
ASKED = (
    ("emission-report", "park", "2025", "zh"),
    ("emission-report", "cement", "2025", "en"),
    ("energy-statement", "cement", "2025-12", "en"),
    ("park-inventory", "park", "2025", "zh"),
    ("footprint-report", "cement", "2025", "zh"),
    ("footprint-report", "machinery", "2025-12", "en"),
)


@dataclass(frozen=True)
class Made:
    """A report, and its file of each type."""

    document: Document
    files: Mapping[str, Path]


@pytest.fixture(scope="module")
def made(park: Park, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Made]:
    folder = tmp_path_factory.mktemp("reports")
    lake = Lake(str(park.lake))
    head = chain.exported(chain.heads(lake)[-1])
    found = {}
    with published.opened(park.lake / "marts.duckdb") as marts:
        for asked in ASKED:
            kind, organization, period, language = asked
            figures = Figures(lake, marts, organization, periods.period(period), language, head)
            document = kinds.document(kind, figures)
            files = {}
            for extension in ("docx", "xlsx", "pdf"):
                files[extension] = folder / f"{extension}-{'-'.join(asked)}.{extension}"
                files[extension].write_bytes(kinds.written(document, extension))
            found[asked] = Made(document, files)
    return found


def printed(value: object, places: int = 2) -> str:
    """Print a number of a mart the way the test thinks it should be."""
    return f"{Decimal(str(value)).quantize(Decimal(10) ** -places, ROUND_HALF_UP):,f}"


def figures_of(document: Document) -> Counter[str]:
    """Count the numbers that a report prints."""
    cells = (cell for table in document.tables() for row in table.rows for cell in row)
    return Counter(cell.text for cell in cells if isinstance(cell, Number))


def of_period(asked: tuple[str, ...]) -> str:
    period = periods.period(asked[2])
    return f"organization_id = '{asked[1]}' and month between date '{period.first}' and date '{period.last}'"


def test_a_report_of_one_entity_names_no_neighbour(made: dict[tuple[str, ...], Made], park: Park) -> None:
    neighbours, tried = Neighbours(park), 0
    for asked, one in made.items():
        if asked[1] != "park":
            tried += 1
            texts = [report_files.pdf_text(one.files["pdf"]), report_files.word_text(one.files["docx"])]
            texts += [
                str(cell) for sheet in report_files.sheets(one.files["xlsx"]).values() for row in sheet for cell in row
            ]
            assert neighbours.named(asked[1], texts) == set(), asked
    assert tried >= 4


def test_word_excel_and_pdf_hold_every_figure(made: dict[tuple[str, ...], Made]) -> None:
    for asked, one in made.items():
        tables = [*one.document.tables()]
        assert len(tables) >= 9, asked
        words = [
            [tuple(cell.strip() for cell in row) for row in table]
            for table in report_files.word_tables(one.files["docx"])
        ]
        assert words == [[tuple(cell.strip() for cell in row) for row in table.texts()] for table in tables], asked
        cells = [*report_files.sheets(one.files["xlsx"]).values()][2:]
        for table, sheet in zip(tables, cells, strict=False):
            assert sheet[0][0] == table.caption
            for row, told in zip(table.rows, sheet[2:], strict=False):
                for cell, value in zip(row, told, strict=False):
                    if isinstance(cell, Number):
                        assert isinstance(value, int | float)
                        assert abs(Decimal(str(value)) - Decimal(cell.value)) <= abs(Decimal(cell.value)) * Decimal(
                            "1e-14"
                        )
        lost = figures_of(one.document) - report_files.numbers(report_files.pdf_text(one.files["pdf"]))
        assert not lost, (asked, lost)


def test_totals_are_those_of_the_marts(made: dict[tuple[str, ...], Made], park: Park) -> None:
    for asked in ASKED[:2]:
        texts = [report_files.pdf_text(made[asked].files["pdf"]), *all_cells(made[asked])]
        for scope in ("scope = 1", "scope = 2", "true"):
            for bases in ("('statutory')", "('all', 'location')", "('all', 'market')"):
                [(total,)] = park.sql(
                    "select sum(emissions_tco2e) from carbon.emissions_monthly "
                    f"where {of_period(asked)} and basis in {bases} and {scope}"
                )
                assert all(printed(total) in text for text in texts), (asked, scope, bases)
        lines = park.sql(
            "select sum(emissions_tco2e) from carbon.emissions_monthly "
            f"where {of_period(asked)} and basis = 'statutory' group by source_category, carrier, gas, is_biogenic"
        )
        known = [printed(value) for (value,) in lines if value is not None]
        assert len(known) > 3
        assert all(value in text for value in known for text in texts), asked


def test_energy_and_its_carriers_are_those_of_the_marts(made: dict[tuple[str, ...], Made], park: Park) -> None:
    asked = ASKED[2]
    texts = [report_files.pdf_text(made[asked].files["pdf"]), *all_cells(made[asked])]
    figures = park.sql(
        "select comprehensive_energy_tce_calorific, comprehensive_energy_tce_equivalent, cost_cny "
        f"from energy.comprehensive_monthly where {of_period(asked)}"
    )
    figures += park.sql(
        "select energy_tce_calorific, energy_tce_equivalent, cost_cny from energy.consumption_monthly "
        f"where {of_period(asked)} and energy_unit_id = 'cement' and is_counted"
    )
    known = [printed(value) for row in figures for value in row if value is not None]
    assert len(known) > 8
    assert all(value in text for value in known for text in texts)
    [(intensity,)] = park.sql(
        "select actual from energy.intensity_status_monthly where month = date '2025-12-01' "
        "and organization_id = 'cement' and energy_unit_id = 'cement_kiln' and product_id = 'clinker' and convention "
        "= 'calorific'"
    )
    assert all(printed(intensity, 4) in text for text in texts)


def test_the_park_is_counted_once(made: dict[tuple[str, ...], Made], park: Park) -> None:
    asked = ASKED[3]
    texts = [report_files.pdf_text(made[asked].files["pdf"]), *all_cells(made[asked])]
    parts = park.sql(
        "select part_kind, part_id, basis, sum(emissions_tco2e) from carbon.park_balance_monthly "
        f"where {of_period(asked)} group by all"
    )
    assert {kind for kind, *_ in parts} >= {"member", "internal_purchase", "boundary", "difference"}
    assert all(printed(value) in text for *_, value in parts for text in texts)
    gates = park.sql(
        f"select sum(quantity) from carbon.park_gate_monthly where {of_period(asked)} group by node, part_kind, part_id"
    )
    assert all(printed(value, 0) in text for (value,) in gates for text in texts)


def test_a_footprint_is_that_of_the_marts(made: dict[tuple[str, ...], Made], park: Park) -> None:
    for asked in ASKED[4:]:
        texts = [report_files.pdf_text(made[asked].files["pdf"]), *all_cells(made[asked])]
        where = f"period = '{asked[2]}' and organization_id = '{asked[1]}'"
        products = park.sql(
            "select product_id, footprint_kgco2e, footprint_including_uptake_kgco2e, fossil_kgco2e, p5, p95 "
            f"from footprint.products where {where} and is_sold and is_complete"
        )
        assert products, asked
        for product, *figures in products:
            of_product = f"from footprint.contributions where {where} and product_id = '{product}'"
            for part in ("contributor", "process_id", "stage", "gas", "supplier_id"):
                figures += [
                    value for (value,) in park.sql(f"select sum(contribution_kgco2e) {of_product} group by {part}")
                ]
            known = [printed(value, 4) for value in figures if value]
            assert len(known) >= 12
            lost = {value for value in known for text in texts if value not in text}
            assert not lost, (asked, product)
            [(total,)] = park.sql(f"select sum(contribution_kgco2e) {of_product}")
            assert total == figures[0]


def all_cells(one: Made) -> list[str]:
    """Return what the tables of the Word file say, and what the numbers of the workbook are printed as."""
    words = "\n".join(cell for table in report_files.word_tables(one.files["docx"]) for row in table for cell in row)
    sheets = report_files.sheets(one.files["xlsx"])
    shown = []
    for table, sheet in zip(one.document.tables(), [*sheets.values()][2:], strict=False):
        for row, told in zip(table.rows, sheet[2:], strict=False):
            shown += [
                printed(value, len(cell.text.partition(".")[2]))
                for cell, value in zip(row, told, strict=False)
                if isinstance(cell, Number)
            ]
    return [words, "\n".join(shown)]


def test_another_office_opens_them_without_repair_and_loses_nothing(
    made: dict[tuple[str, ...], Made], tmp_path: Path
) -> None:
    files = {one.files["docx"]: one.document for one in made.values()}
    files |= {made[asked].files["xlsx"]: made[asked].document for asked in (ASKED[0], ASKED[2])}
    assert [fault for file in files for fault in report_files.faults(file)] == []
    for file, text in report_files.opened_by_office([*files], tmp_path).items():
        lost = figures_of(files[file]) - report_files.numbers(text)
        assert not lost, (file.name, lost)
        packed = "".join(text.split())
        titles = [section.title for section in files[file].sections]
        assert [title for title in titles if "".join(title.split()) not in packed] == [], file.name


def test_a_report_of_the_same_marts_is_the_same_bytes(made: dict[tuple[str, ...], Made]) -> None:
    one = made[ASKED[2]]
    for extension, file in one.files.items():
        assert kinds.written(one.document, extension) == file.read_bytes(), extension


def test_word_knows_its_headings_and_repeats_the_heads_of_tables(made: dict[tuple[str, ...], Made]) -> None:
    import docx

    one = made[ASKED[0]]
    word = docx.Document(str(one.files["docx"]))
    styles = [(paragraph.style.name, paragraph.text) for paragraph in word.paragraphs if paragraph.style]
    assert [text for name, text in styles if name == "Heading 1"] == [part.title for part in one.document.sections]
    expected = [block.text for part in one.document.sections for block in part.blocks if isinstance(block, Heading)]
    assert [text for name, text in styles if name == "Heading 2"] == expected
    assert 'TOC \\o "1-2"' in word.element.xml
    assert all("w:tblHeader" in table.rows[0]._tr.xml for table in word.tables[1:])
    assert 'w:eastAsia="宋体"' in word.styles.element.xml


def test_the_head_that_is_printed_verifies(made: dict[tuple[str, ...], Made], park: Park) -> None:
    head = chain.heads(Lake(str(park.lake)))[-1]
    for one in made.values():
        lines = [block.text for part in one.document.sections for block in part.blocks if isinstance(block, Lines)]
        assert len(lines) == 1
        assert chain.imported(lines[0], "report").signed() == head.signed()
        assert json.loads(lines[0])["root_hash"] in report_files.pdf_text(one.files["pdf"])
        assert lines[0] in report_files.word_text(one.files["docx"])


def test_what_is_missing_of_a_period_is_said_on_the_cover(made: dict[tuple[str, ...], Made], park: Park) -> None:
    months = park.sql("select distinct month from energy.comprehensive_monthly where year(month) = 2025")
    told = any("报告期不完整" in remark for remark in made[ASKED[0]].document.remarks)
    assert told == (len(months) < 12)


def test_the_command_writes_a_file_and_says_what_cannot_be_had(
    park: Park, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = ["--lake", str(park.lake)]
    file = tmp_path / "december.pdf"
    asked = ["report", SITE, "energy-statement", "2025-12", "--organization", "steel", "--lang", "en", *lake]
    assert status_of([*asked, "--output", str(file)]) == 0
    assert "Reference Special Steel Co., Ltd." in report_files.pdf_text(file)
    assert f"{file.stat().st_size:,} bytes" in capsys.readouterr().out
    for kind, period, organization, said in (
        ("energy-statement", "2025", "nobody", "the site has no organization 'nobody': it has park"),
        ("emission-report", "1999", "steel", "nothing is published of steel in 1999; the newest is 20"),
        ("park-inventory", "2025", "steel", "steel is no park: it has no members"),
    ):
        wrong = [
            "report",
            SITE,
            kind,
            period,
            "--organization",
            organization,
            *lake,
            "--output",
            str(tmp_path / "no.pdf"),
        ]
        assert status_of(wrong) == 1
        assert said in capsys.readouterr().err
        assert not (tmp_path / "no.pdf").exists()


def test_closed_months_stand_beside_what_was_declared(made: dict[tuple[str, ...], Made], park: Park) -> None:
    states = park.sql(
        "select organization_id, strftime(month, '%Y-%m'), declared_tco2e, current_tco2e "
        "from carbon.period_states_monthly where state = 'closed' and year(month) = 2025"
    )
    assert states
    for asked, one in made.items():
        closed = [row for row in states if row[0] == asked[1] and row[1].startswith(asked[2])]
        said = "\n".join(value for _, value in one.document.facts)
        assert ("部分月份已关账" in said or "closed in part" in said) == bool(closed)
        text = report_files.pdf_text(one.files["pdf"])
        for _, month, declared, current in closed:
            [line] = [line for line in text.splitlines() if month in line and ("蔡伦" in line or "Cai Lun" in line)]
            assert printed(declared) in line
            assert printed(current) in line
