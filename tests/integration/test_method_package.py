"""A site with a method package of its own: what it accounts for, and what is left where the package has a fault."""

import json
import os
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines import execute
from pipelines.cli.main import status_of
from pipelines.settings import ROOT, Settings, read_settings

pytestmark = pytest.mark.integration
SITE = """id: welder
name_zh: 机械厂
name_en: Welder
timezone: Asia/Shanghai
grid_region: JS
method_packages: [welding]
"""
FILES = {
    "site.yaml": SITE,
    "organizations.csv": "organization_id,name_zh,name_en,guideline\nworks,机械厂,Machine works,ndrc-18\n",
    "energy_units.csv": "energy_unit_id,organization_id,kind,name_zh\nall,works,site,全厂\n",
    "meters.csv": "meter_id,energy_unit_id,carrier\nm,all,natural_gas\ne,all,electricity_grid\n",
    "points.csv": "point_id,meter_id,quantity,kind,unit,source,address\ngas,m,volume,interval,m3_20c,hand,gas\n"
    "power,e,active_energy_import,interval,kWh,hand,power\n",
    "sources.yaml": "sources:\n  hand: {kind: files, path: readings/*.csv, format: csv}\n",
    "allocations.csv": "energy_unit_id,carrier,point_id\nall,natural_gas,gas\nall,electricity_grid,power\n",
    "activity.csv": "organization_id,item,month,quantity,unit\nworks,shielding_gas,2025-03,12000,kg\n",
    "factors.csv": "factor_id,carrier,property,value,source,confidence,reason\n"
    "gas,shielding_gas,purity_ratio,0.18,certificate of the cylinder,verified,measured\n",
    "readings/march.csv": "point_id,reading_at,value\ngas,2025-03-01T00:15:00+08:00,100\n"
    "power,2025-03-01T00:15:00+08:00,1000\n",
}
WELDING = (
    "select item_status, emissions_tco2 from carbon.inventory_annual where item_key = 'welding' and basis = 'statutory'"
)
LINES = (
    "select carrier, factor_id, factor_confidence, method_clause, emissions_tco2, null_reason "
    "from carbon.emissions_monthly where basis = 'statutory' and carrier = 'shielding_gas'"
)
BURNT = "select emissions_tco2 > 0 from carbon.emissions_monthly where basis = 'statutory' and method_term like 'comb%'"
#: Rows that cannot be used, after the sound ones: a month that is none, an overlap, a material that nobody knows.
BAD_ROWS = {
    "activity.csv": "works,shielding_gas,May,3,kg\n",
    "factors.csv": "again,shielding_gas,purity_ratio,0.2,another certificate,verified,measured\n"
    "stray,moonshine,purity_ratio,0.2,a third certificate,verified,measured\n",
}
LEFT_OUT = "select subject from quality.findings where kind = 'site_row_refused' and state = 'open' order by 1"
FINDINGS = "select message_en from quality.findings where kind = 'method_package_refused' and state = 'open'"


class Plant:
    """A site folder, its lake, and runs of it in this process."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "site"
        for name, text in FILES.items():
            (self.site / name).parent.mkdir(parents=True, exist_ok=True)
            (self.site / name).write_text(text, encoding="utf-8")
        shutil.copytree(ROOT / "examples/own_method", self.site / "welding")
        self.settings: Settings = read_settings(self.site, str(folder / "lake"), {**os.environ, "NENGTAN_MARTS": ""})

    def run(self) -> None:
        assert execute.refresh(self.settings).manifest is not None

    def sql(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.settings.marts_file), read_only=True) as connection:
            return connection.sql(query).fetchall()


@pytest.fixture(scope="module")
def plant(tmp_path_factory) -> Plant:
    """The site after a run with a package and rows that have faults: what that run published is asserted here."""
    made = Plant(tmp_path_factory.mktemp("welder"))
    for name, rows in BAD_ROWS.items():
        (made.site / name).write_text(FILES[name] + rows, encoding="utf-8")
    lines = made.site / "welding/lines.sql"
    lines.write_text(lines.read_text("utf-8").replace("from activity", "from activities", 1), encoding="utf-8")
    made.run()
    assert made.sql(WELDING) == [("not_implemented", None)]
    [(*_, emissions, reason)] = made.sql(LINES)
    assert (emissions, reason) == (None, "unknown_item")
    assert made.sql(BURNT) == [(True,)]
    [(message,)] = made.sql(FINDINGS)
    assert "welding/lines.sql" in message
    assert "activities" in message
    assert [subject for (subject,) in made.sql(LEFT_OUT)] == [
        "activity.csv:3: month",
        "factors.csv:3: valid_from",
        "factors.csv:4: carrier",
    ]
    assert status_of(["check", str(made.site)]) == 1
    return made


def test_a_package_that_had_a_fault_counts_when_it_is_mended(plant):
    shutil.copytree(ROOT / "examples/own_method", plant.site / "welding", dirs_exist_ok=True)
    for name in BAD_ROWS:
        (plant.site / name).write_text(FILES[name], encoding="utf-8")
    plant.run()
    assert plant.sql(LEFT_OUT) == []
    [(status, emissions)] = plant.sql(WELDING)
    assert (status, str(emissions)) == ("counted", "2.336841")  # 12 t x 7.92171 / 40.67907
    [row] = plant.sql(LINES)
    assert row[:4] == ("shielding_gas", "gas", "recalled", "own.co2_welding")
    assert row[5] is None
    assert plant.sql(BURNT) == [(True,)]
    assert plant.sql(FINDINGS) == []
    numbers = plant.sql("select factor_id, factor_unit from reference.factors where subject = 'own_method' order by 1")
    assert numbers == [
        ("own-co2_welding-molar_mass_argon", "g/mol"),
        ("own-co2_welding-molar_mass_co2", "g/mol"),
    ]
    assert status_of(["check", str(plant.site)]) == 0


def test_a_first_coefficient_shows_the_numbers_that_are_missing_without_it(plant, capsys):
    """The site adopted no coal consumption of power: its electricity has no equivalent value yet."""
    where = ["--site", str(plant.site), "--lake", plant.settings.lake]
    capsys.readouterr()
    asked = ["factors", "impact", "none", "national_electricity_statistics@2024", "--from", "2025-01-01", "--json"]
    assert status_of([*asked, *where]) == 1
    told = json.loads(capsys.readouterr().out)
    [change] = told["changes"]
    named = ("carrier", "measure", "before", "confidence_after")
    assert [change[name] for name in named] == ["electricity_grid", "energy_tce_equivalent", None, "recalled"]
    assert Decimal(change["after"]) == Decimal("0.3024")  # 1,000 kWh x 302.4 gce
    [year] = [row for row in told["follows"] if row["mart"] == "energy.comprehensive_annual"]
    assert (year["account"], Decimal(year["after"])) == ("equivalent", Decimal("0.4354"))  # with 100 m3 of gas
