"""A row with a fault costs its own figures, a fault that other things hang on costs the site."""

import json
import shutil
from pathlib import Path

import pytest

from lake.errors import SiteError
from lake.site.declared import files
from lake.site.load import read_site

STARTER = Path("pipelines/cli/starter")
HEADER = "organization_id,item,month,quantity,unit\n"
ROW = "{organization},limestone,2025-0{month},{quantity},t\n"


@pytest.fixture
def site(tmp_path):
    return Path(shutil.copytree(STARTER, tmp_path / "site"))


def _activity(site: Path, *rows: str) -> None:
    (site / "activity.csv").write_text(HEADER + "".join(rows), encoding="utf-8")


def _organization(site: Path) -> str:
    return (site / "organizations.csv").read_text("utf-8").splitlines()[1].split(",")[0]


def test_rows_with_faults_are_set_aside_and_the_others_stay(site):
    known = _organization(site)
    _activity(
        site,
        ROW.format(organization=known, month=1, quantity="10"),
        ROW.format(organization=known, month=2, quantity="ten"),
        ROW.format(organization="nobody", month=3, quantity="1"),
        f"{known},limestone,2025-04,1\n",
        ROW.format(organization=known, month=1, quantity="11"),
        ROW.format(organization=known, month=5, quantity="12"),
    )
    read = read_site(site, {})
    assert [str(row["quantity"]) for row in read.tables["activity"].to_pylist()] == ["10.000000", "12.000000"]
    refused = read.refused.to_pylist()
    assert [(row["line"], row["column"]) for row in refused] == [
        ("3", "quantity"),
        ("4", "organization_id"),
        ("5", "row"),
        ("6", "organization_id"),
    ]
    assert "repeats line 2" in refused[3]["reason"]
    assert json.loads(refused[1]["payload"])["item"] == "limestone"
    assert refused[2]["payload"] is None


def test_a_header_without_a_needed_column_costs_the_site(site):
    (site / "activity.csv").write_text("organization_id,item,month,unit\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"activity\.csv:1: quantity"):
        read_site(site, {})


def test_what_other_things_hang_on_costs_the_site(site):
    with (site / "meters.csv").open("a", encoding="utf-8") as meters:
        meters.write("m_new,nowhere,electricity_grid\n")
    with pytest.raises(SiteError, match=r"meters\.csv"):
        read_site(site, {})


def test_nothing_refers_to_a_file_that_is_used_row_by_row():
    single = {name for name, spec in files().items() if spec.row_by_row}
    assert len(single) >= 6
    for spec in files().values():
        for column in spec.columns.values():
            assert (column.references or "").partition(".")[0] not in single, (spec.name, column.name)
