"""What the files of benchmarking have to agree on: units, inputs, devices, outputs, and what a target is about."""

import shutil
from pathlib import Path

import pytest

from lake.site.benchmarks import inputs_of
from lake.site.survey import survey

STARTER = Path("pipelines/cli/starter")
SUBJECTS = "subject_id,subject_kind,energy_unit_id,equipment_id,name_zh,unit,inputs,reason"
BOUNDARIES = "subject_id,side,energy_unit_id,product_id,point_id,from_subject"
TARGETS = "organization_id,indicator,basis,product_id,year,value,unit,reason"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    shutil.copytree(STARTER, folder)
    return folder


def unit_of(site: Path) -> str:
    return (site / "energy_units.csv").read_text("utf-8").splitlines()[1].split(",")[0]


def told(site: Path, file: str, head: str, *rows: str) -> list[str]:
    text = "\n".join([head, *rows]).replace("UNIT", unit_of(site))
    (site / file).write_text(text + "\n", "utf-8")
    return [f"{fault.column}: {fault.message}" for fault in survey(site, {}).faults if fault.file == file]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("a,product,UNIT,,甲,kgce/t,altitude_m=12;x=y,why", None),
        ("a,product,UNIT,,甲,kgce,,why", "unit"),
        ("a,product,UNIT,,甲,kW/t,,why", "unit"),
        ("a,product,UNIT,,甲,kgce/heap,,why", "unit"),
        ("a,process,UNIT,,甲,kWh/t,altitude 12,why", "inputs"),
        ("a,equipment,UNIT,,甲,%,,why", "equipment_id"),
    ],
)
def test_a_subject_says_what_can_be_reckoned(site, row, column):
    found = told(site, "benchmark_subjects.csv", SUBJECTS, row)
    assert [line.split(":")[0] for line in found] == ([column] if column else [])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("a,energy,UNIT,,,", None),
        ("a,energy,,,,", "energy_unit_id"),
        ("a,energy,UNIT,,,a", "energy_unit_id"),
        ("a,output,UNIT,steel,,", None),
        ("a,output,UNIT,,,", "product_id"),
    ],
)
def test_a_boundary_names_one_thing(site, row, column):
    told(site, "benchmark_subjects.csv", SUBJECTS, "a,product,UNIT,,甲,kgce/t,,why")
    found = told(site, "benchmark_boundaries.csv", BOUNDARIES, row)
    assert [line.split(":")[0] for line in found] == ([column] if column else [])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("ORG,comprehensive_energy,,,2025,100,tce,why", None),
        ("ORG,intensity,product,steel,2025,100,kgce/t,why", None),
        ("ORG,intensity,,,2025,100,tce/10kCNY,why", "basis"),
        ("ORG,measures,product,steel,2025,40,points,why", "basis"),
        ("ORG,intensity,product,,2025,100,kgce/t,why", "product_id"),
        ("ORG,intensity,output_value,steel,2025,1,tce/10kCNY,why", "product_id"),
    ],
)
def test_a_target_says_what_it_is_about(site, row, column):
    organization = (site / "organizations.csv").read_text("utf-8").splitlines()[1].split(",")[0]
    found = told(site, "targets.csv", TARGETS, row.replace("ORG", organization))
    assert [line.split(":")[0] for line in found] == ([column] if column else [])


def test_inputs_are_names_and_values():
    assert inputs_of("altitude_m=12; steel_category=普碳钢") == {"altitude_m": "12", "steel_category": "普碳钢"}
    assert inputs_of(None) == {}
    with pytest.raises(ValueError, match="hot"):
        inputs_of("hot")
