"""1,000 organisations × 12 months × 20 emission lines: what the accounting costs beyond the start of dbt."""

import random
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.dbt_sandbox import ACCOUNTING, Row, Site, build

#: What makes twenty lines: a fuel has four (two accounts, CH4, N2O), electricity three, a material two.
FUELS, POWER = ("bituminous_coal", "diesel"), ("electricity_grid", "electricity_wind")
USED, MADE = ("limestone", "electrode"), ("crude_steel",)
MODELS = (*ACCOUNTING, "inventory_annual", "path:models/staging/site")
RULES = "kind,data_year,valid_from,adopted_on,reason\ngrid,2023,2024-01-01,2025-12-31,the latest published year\n"
CPU_S = 4.0  # two seconds of two cores


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance = random.Random(1)
    names = [f"works_{number:04}" for number in range(1000)]
    production = "organization_id,energy_unit_id,product_id,month,quantity,unit\n"
    activity = "organization_id,energy_unit_id,item,month,quantity,unit\n"
    rows = []
    for name in names:
        for month in range(1, 13):
            first, when = date(2025, month, 1), f"2025-{month:02}"
            units = [*((fuel, "t") for fuel in FUELS), *((power, "kWh") for power in POWER)]
            for carrier, unit in units:
                amount = f"{chance.uniform(10, 1000):.3f}"
                rows.append(Row(name, carrier, amount, unit, month=first, energy_gj=amount))
            for item in MADE:
                production += f"{name},{name}_root,{item},{when},{chance.uniform(10, 1000):.3f},t\n"
            for item in USED:
                activity += f"{name},{name}_root,{item},{when},{chance.uniform(10, 1000):.3f},t\n"
    organizations = {"park": ("", "")} | dict.fromkeys(names, ("park", "cets-ag-03.01"))
    files = {"production.csv": production, "activity.csv": activity, "factor_rules.csv": RULES}
    folder = tmp_path_factory.mktemp("thousand")
    return build(folder, Site(organizations, files), rows, {"grid_region": "JS"}, MODELS)


@pytest.mark.soak
def test_a_thousand_organisations_are_accounted_within_two_seconds(works, tmp_path):
    models = {
        name: path.read_text("utf-8")
        for name in ("emissions_monthly", "inventory_annual")
        for path in _sql(works, name)
    }
    with duckdb.connect(str(works)) as connection:
        connection.execute("set timezone = 'UTC'; set threads = 2; set preserve_insertion_order = false")
        cpu, wall = time.process_time(), time.monotonic()
        for name, sql in models.items():
            target = tmp_path / f"{name}.parquet"
            connection.execute(f"copy ({sql}) to '{target}' (format parquet, compression zstd)")
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
        lines, members, park = connection.sql(
            f"""
            select count(*) filter (organization_id <> 'park'),
                sum(emissions_tco2e) filter (organization_id <> 'park'),
                sum(emissions_tco2e) filter (organization_id = 'park')
            from read_parquet('{tmp_path / "emissions_monthly.parquet"}')
            """
        ).fetchall()[0]
    assert lines == 1000 * 12 * 20
    assert members == park
    assert cpu <= CPU_S, f"{cpu:.2f} CPU-seconds, {wall:.2f} seconds on the clock"


def _sql(database: Path, model: str) -> list[Path]:
    return list((database.parent / "target" / "compiled").rglob(f"{model}.sql"))
