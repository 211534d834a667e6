"""A site's own pages: what may be drawn is drawn, and each fault is named with its line."""

import json
import shutil
from pathlib import Path

import pytest

from lake.errors import NengtanError
from pipelines import own_pages
from scripts.superset import own, specification
from scripts.superset.specification import SpecificationError
from tests import doc_page

ROOT = Path(__file__).resolve().parents[3]
HOUSE = specification.read()
CHART, PAGE = "charts/my_hours.yaml", "my_meter.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page that the documents show."""
    doc_page.write_files(doc_page.blocks(ROOT / "docs/first_site.md"), tmp_path)
    return tmp_path / "my_first/dashboards"


def test_a_right_page_has_no_fault_and_stands_beside_the_house(folder: Path) -> None:
    assert own.faults(folder, HOUSE) == []
    both = specification.read(own=folder)
    assert set(both.pages) - set(HOUSE.pages) == {"my_meter"}
    assert set(both.charts) - set(HOUSE.charts) == {"my_hours"}
    assert both.datasets == HOUSE.datasets


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (CHART, "column: quantity", "column: quantty", "dashboards/charts/my_hours.yaml:7: values.0.column: 'quantty'"),
        (CHART, "column: carrier", "column: carrier) or (1=1", "'carrier) or (1=1' is no column"),
        (CHART, "draw: stacked_bars", "draw: pie", "my_hours.yaml:1: draw: 'pie' is unknown, allowed: comparison"),
        (CHART, "energy.consumption_hourly", "energy.intervals", "dataset: 'energy.intervals' is unknown"),
        (CHART, "span: latest_day", "span: latest_dya", "did you mean latest_day?"),
        (CHART, "unit: kWh", "unit: 度", "values.0.unit: is not said in both languages"),
        (CHART, "{zh: 用电量, en: Electricity}", "{en: Electricity}", "values.0.label: is not said in both"),
        (CHART, "    unit: kWh", "    unit: kWh\n    divide: {zh: 3, en: 3}", "allowed: a power of ten"),
        (CHART, "span: latest_day", "sql: select 1", "sql: 'sql' is unknown"),
        (CHART, "x: {column: local_hour", "x: {colum: local_hour", "cannot be drawn: 'column' is missing"),
        (PAGE, "my_hours: 12", "ghost: 12", "dashboards/my_meter.yaml:9: devices.desk.rows.1.charts: 'ghost'"),
        (PAGE, "my_hours: 12", "my_hours: 9", "widths are [9], allowed: whole numbers that sum to 12"),
        (PAGE, "page: my_meter", "page: other", "page: must be the file's name 'my_meter'"),
        (PAGE, "filters: [organization]", "filters: [plant]", "filters: 'plant' is unknown"),
        (PAGE, "  desk:", "  watch:", "devices: lacks the desk"),
        (PAGE, "devices:", "css: x\ndevices:", "css: 'css' is unknown"),
        (PAGE, "zh: 我的电表,", "", "name: is not said in both languages"),
    ],
)
def test_a_fault_is_named_with_its_place_and_what_is_allowed(
    folder: Path, file: str, old: str, new: str, told: str
) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    assert [fault for fault in own.faults(folder, HOUSE) if told in str(fault)], own.faults(folder, HOUSE)


def test_nothing_of_the_house_is_replaced(folder: Path) -> None:
    shutil.copy(folder / PAGE, folder / "overview.yaml")
    shutil.copy(folder / CHART, folder / "charts/day_cost.yaml")
    (folder / "datasets.yaml").write_text("energy.intervals: {rows: everyone}", "utf-8")
    (folder / "style.css").write_text("* {}", "utf-8")
    assert [fault.file for fault in own.faults(folder, HOUSE)] == [
        f"dashboards/{name}" for name in ("charts/day_cost.yaml", "datasets.yaml", "overview.yaml", "style.css")
    ]
    with pytest.raises(SpecificationError, match="day_cost is there already"):
        specification.read(own=folder)


def test_the_command_line_asks_beside_the_dashboards(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_pages.faults(folder.parent / "elsewhere") == []
    (folder / CHART).write_text("draw: pie", "utf-8")
    with pytest.raises(NengtanError, match=r"my_hours\.yaml:1: .*more\); `nengtan check` names every fault"):
        own_pages.refuse_faults(folder.parent)
    monkeypatch.setattr("sys.argv", ["own", str(folder)])
    assert own.main() == 1
    monkeypatch.setattr(own_pages, "ROOT", folder)  # no such module there: said in one sentence
    with pytest.raises(NengtanError, match="could not be checked"):
        own_pages.faults(folder.parent)


def test_faults_are_told_as_json(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["own", str(folder)])
    assert own.main() == 0
    assert json.loads(capsys.readouterr().out) == []
