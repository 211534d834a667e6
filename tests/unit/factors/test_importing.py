"""Exports become rows of the local factor base: units, words, and every row that is left out with its reason."""

import json
import os
from pathlib import Path

import pytest

from factors import importing
from lake.errors import FactorError
from lake.site.check import check_site
from pipelines.cli.main import status_of

NATIONAL = """省份,年份,因子,单位
江苏,2024,570.1,kgCO2/MWh
浙江,2024,0.5,tCO2/MWh
火星,2024,0.5,kgCO2/kWh
山东,2024,,kgCO2/kWh
河北,2024,0.6,kgCO2/t
"""
MAPPING = """
columns: {region: 省份, data_year: 年份, value: 因子, unit: 单位}
constants: {carrier: electricity_grid, property: kgco2_per_kwh, origin: published, factor_set: province_average,
            published_on: 2026-12-20, source: "an export for this test", confidence: verified}
words: {region: {江苏: JS, 浙江: ZJ, 山东: SD, 河北: HE}}
id: "{factor_set}-{region}-{data_year}-{published_on}"
"""


@pytest.fixture
def export(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "national.csv").write_text(NATIONAL, encoding="utf-8")
    (tmp_path / "national.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path / "national.csv", tmp_path / "national.yaml"


def test_rows_are_taken_in_the_unit_of_the_base_and_the_others_say_why(export):
    rows, left = importing.read(export[0], importing.read_mapping(export[1]))
    assert [(row["factor_id"], row["value"]) for row in rows] == [
        ("province_average-JS-2024-2026-12-20", "0.5701"),
        ("province_average-ZJ-2024-2026-12-20", "0.5"),
    ]
    reasons = {one.line: one.reason for one in left}
    assert sorted(reasons) == [4, 5, 6]
    assert "'火星' is not among the words" in reasons[4]
    assert reasons[5] == "the value is blank"
    assert "is no unit of kgco2_per_kwh" in reasons[6]


def test_the_command_writes_rows_that_the_site_can_be_run_with_and_takes_none_twice(export, tmp_path, capsys):
    site = tmp_path / "plant"
    assert status_of(["init", str(site)]) == 0
    asked = ["factors", "import", str(export[0]), "--mapping", str(export[1]), "--site", str(site), "--json"]
    capsys.readouterr()
    assert status_of([*asked, "--dry-run"]) == 1
    taken = json.loads(capsys.readouterr().out)["taken"]
    assert taken == 2
    assert not (site / "factors.csv").exists()
    assert status_of(asked) == 1
    assert check_site(site, {}) == []
    capsys.readouterr()
    status_of(asked)
    assert json.loads(capsys.readouterr().out) | {"left_out": [], "rows": []} == {
        "taken": 0,
        "known": taken,
        "left_out": [],
        "rows": [],
    }
    assert status_of(["factors", "show", "province_average@2024", "--site", str(site)]) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {value: 因子}", "`id` is missing"),
        ("columns: {wert: 因子}\nid: x", "is no column of factors.csv"),
        ("colums: {}\nid: x", "is not known"),
        ("columns: {value: Wert}\nid: x", "there is no column 'Wert'"),
    ],
)
def test_a_bad_mapping_is_told(export, text, said):
    export[1].write_text(text, encoding="utf-8")
    with pytest.raises(FactorError, match=said):
        importing.read(export[0], importing.read_mapping(export[1]))


def test_a_published_set_of_thousands_of_rows(tmp_path):
    folder = os.environ.get("NENGTAN_DATASETS")
    if not folder or not (Path(folder) / "factors").is_dir():
        pytest.skip("NENGTAN_DATASETS names no folder with factors/")
    mapping = tmp_path / "uk.yaml"
    mapping.write_text(
        """
columns: {item: "{level1} / {level2} / {level3} / {level4} / {column_text}", unit: "kgCO2e/{uom}", value: factor_2020}
where: {ghg: [kg CO2e]}
constants: {property: kgco2e_per_unit, origin: published, factor_set: UK_2020, region: GB, data_year: 2020,
            source: "UK government GHG conversion factors 2020 v1", confidence: verified}
id: "UK_2020-{scope}-{level1}-{level2}-{level3}-{level4}-{column_text}-{uom}"
""",
        encoding="utf-8",
    )
    file = Path(folder) / "factors/uk_conversion_factors_2020_flat.csv"
    rows, left = importing.read(file, importing.read_mapping(mapping))
    assert len(rows) > 1500
    assert {one.reason for one in left} >= {"the value is blank"}
    grid = [row["value"] for row in rows if row["item"].startswith("UK electricity / Electricity generated")]
    assert "0.23314" in grid
