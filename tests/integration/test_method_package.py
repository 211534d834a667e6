"""A site with a method package of its own: what it accounts for, and what is left where the package has a fault."""

import os
import shutil
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
    "meters.csv": "meter_id,energy_unit_id,carrier\nm,all,natural_gas\n",
    "points.csv": "point_id,meter_id,quantity,kind,unit,source,address\ngas,m,volume,interval,m3_20c,hand,gas\n",
    "sources.yaml": "sources:\n  hand: {kind: files, path: readings/*.csv, format: csv}\n",
    "allocations.csv": "energy_unit_id,carrier,point_id\nall,natural_gas,gas\n",
    "activity.csv": "organization_id,item,month,quantity,unit\nworks,shielding_gas,2025-03,12000,kg\n",
    "factors.csv": "factor_id,carrier,property,value,source,confidence,reason\n"
    "gas,shielding_gas,purity_ratio,0.18,certificate of the cylinder,verified,measured\n",
    "readings/march.csv": "point_id,reading_at,value\ngas,2025-03-01T00:15:00+08:00,100\n",
}
WELDING = (
    "select item_status, emissions_tco2 from carbon.inventory_annual where item_key = 'welding' and basis = 'statutory'"
)
LINES = (
    "select carrier, factor_id, factor_confidence, method_clause, emissions_tco2, null_reason "
    "from carbon.emissions_monthly where basis = 'statutory' and carrier = 'shielding_gas'"
)
BURNT = "select emissions_tco2 > 0 from carbon.emissions_monthly where basis = 'statutory' and method_term like 'comb%'"
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


def test_a_package_is_left_out_while_it_has_a_fault_and_counts_when_it_is_mended(tmp_path, caplog):
    plant = Plant(tmp_path)
    lines = plant.site / "welding/lines.sql"
    lines.write_text(lines.read_text("utf-8").replace("from activity", "from activities", 1), encoding="utf-8")
    plant.run()
    assert plant.sql(WELDING) == [("not_implemented", None)]
    [(*_, emissions, reason)] = plant.sql(LINES)
    assert (emissions, reason) == (None, "unknown_item")
    assert plant.sql(BURNT) == [(True,)]
    [(message,)] = plant.sql(FINDINGS)
    assert "welding/lines.sql" in message
    assert "activities" in message
    assert status_of(["check", str(plant.site)]) == 1

    shutil.copytree(ROOT / "examples/own_method", plant.site / "welding", dirs_exist_ok=True)
    plant.run()
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
