"""Method packages: those of the examples pass their own tests, and each fault of one is a sentence."""

import shutil
from pathlib import Path

import pytest

from factors import own_methods
from factors.load import load
from lake.own.card import card
from lake.own.read import read
from lake.site.methods import Methods
from lake.site.methods import read as read_methods
from pipelines.cli.main import status_of

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
PACKAGES = sorted(file.parent for file in EXAMPLES.glob("*/method.yaml"))
WELDING = EXAMPLES / "own_method"


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_a_package_of_the_examples_passes_its_own_tests(folder):
    found = read(folder, folder.name)
    assert [str(fault) for fault in found.faults] == []
    assert len(found.package.cases) >= 3
    assert (folder / "CARD.md").read_text("utf-8") == card(found.package)


FAULTS = {
    "no clause": ("method.yaml", "clause:", "rule:", "method.yaml:1: clause: is missing, a method says which rule"),
    "a clause without its formula": ("method.yaml", "  equation:", "  formula:", "clause.equation: is missing"),
    "a clause that the query does not name": ("lines.sql", "own.co2_welding", "own.other", "is not named by lines.sql"),
    "no tests": ("method.yaml", "tests:", "trials:", "tests: is missing, a method package has at least one"),
    "a word that means nothing": ("method.yaml", "vendor:", "seller:", "method.yaml:5: seller: is unknown"),
    "a number that is none": ("method.yaml", '"39.948"', "argon", "parameters.1.value: 'argon' is not a number"),
    "a unit that is none": ("method.yaml", "unit: t}", "unit: tt}", "items.0.unit: 'tt' is unknown"),
    "a doubtful confidence": ("method.yaml", "  confidence: recalled", "  confidence: sure", "'sure' is unknown"),
    "a table that is not there": ("lines.sql", "from activity", "from ref.meters", "lines.sql:1: sql: Catalog Error"),
    "a file of the machine": ("lines.sql", "from activity", "from read_text('/etc/hosts')", "Permission Error"),
    "a column that lines have": ("lines.sql", "activity.activity_unit,", "", "activity_unit: is not returned"),
    "a rough number": ("lines.sql", "share.value * co2.value as", "0.2 / 3 as", "numerator: is DOUBLE"),
    "rows that are no list": ("method.yaml", "lines: []", "lines: none", "tests.3.lines: is missing"),
    "a test without an item": (
        "method.yaml",
        "lines: [{item: s",
        "lines: [{itm: s",
        "cannot be read (KeyError('item'))",
    ),
    "two statements": ("lines.sql", "where activity.item", "; delete from activity where activity.item", "one SELECT"),
    "a failed test": ("method.yaml", '"194.737"', '"194.738"', "test 2 (18 % of the volume in argon"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_sentence_with_its_place(name, tmp_path):
    file, old, new, told = FAULTS[name]
    folder = shutil.copytree(WELDING, tmp_path / "welding")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    found = read(folder, "welding")
    assert found.package is None
    [fault] = [str(fault) for fault in found.faults if told in str(fault)]
    assert fault.startswith("welding/")
    assert "\n" not in fault
    assert found.items == {"shielding_gas"}


def test_a_folder_that_is_no_package_says_what_is_missing(tmp_path):
    [fault] = [fault for fault in read(tmp_path, "mine").faults if "lines.sql:" in str(fault)]
    assert str(fault) == "mine/lines.sql:1: file: is missing, a method package needs method.yaml and lines.sql"


def test_a_site_names_a_package_once_and_where_it_is(tmp_path):
    for name in ("one", "two"):
        shutil.copytree(WELDING, tmp_path / name)
    found = read_methods(tmp_path, ["one", "two", "three"])
    assert [package.id for package in found.packages] == ["co2_welding"]
    assert [str(fault).partition(",")[0] for fault in found.faults] == [
        "two/method.yaml:1: id: 'co2_welding' is already the id of another package of the site",
        "site.yaml:1: method_packages.2: 'three' is no folder",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("guideline: ndrc-18, item: welding", "guideline: ndrc-18, item: combustion", "is accounted by"),
        ("guideline: ndrc-18, item: welding", "guideline: ndrc-99, item: welding", "is no item of the guideline"),
        ("item: shielding_gas, name_zh", "item: limestone, name_zh", "is known already (in t)"),
    ],
)
def test_what_the_library_has_is_not_replaced(old, new, told, tmp_path):
    folder = shutil.copytree(WELDING, tmp_path / "welding")
    page = folder / "method.yaml"
    page.write_text(page.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    library = load()
    joined = own_methods.joined(library, read_methods(tmp_path, ["welding"]))
    [fault] = joined.faults
    assert told in str(fault)
    assert str(fault).startswith("co2_welding/method.yaml:1: ")
    assert joined.packages.to_pylist()[0]["fault"] in str(fault)
    assert joined.tables["guideline_items"] == library["guideline_items"]
    assert joined.tables["emission_items"] == library["emission_items"]


def test_the_library_of_a_site_without_packages_is_the_library():
    library = load()
    joined = own_methods.joined(library, Methods())
    assert all(joined.tables[name] is table for name, table in library.items())
    assert joined.packages.num_rows == 0


def test_a_package_is_tried_from_the_command_line(capsys, tmp_path):
    assert status_of(["method", str(WELDING)]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("# CO2 of gas-shielded welding")
    assert shown.err == "own_method: 4 tests passed.\n"
    assert status_of(["method", str(tmp_path)]) == 1
    assert "2 faults" in capsys.readouterr().err
