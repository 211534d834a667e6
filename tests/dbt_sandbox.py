"""A throw-away database in which the accounting models run on activity that a test types in."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from factors.load import load
from factors.site_tables import by_use
from lake.site.closure import organization_closure, unit_closure
from lake.site.load import read_site

ROOT = Path(__file__).resolve().parents[1]
ACCOUNTING = ("path:models/intermediate/factors", "path:models/intermediate/carbon", "emissions_monthly")
STAGING = (
    "stg_site__energy_unit",
    "stg_site__organization",
    "stg_site__organization_closure",
    "stg_site__point",
    "comprehensive_units_monthly",
    "comprehensive_units_annual",
    "comprehensive_monthly",
    "comprehensive_annual",
    "comparable_annual",
    "int_energy__intensity_pair",
    "path:models/marts/carbon",
    "path:models/marts/energy/intensity_monthly.sql",
    "path:models/marts/energy/intensity_annual.sql",
)

SITE = {
    "site.yaml": "id: sandbox\nname_zh: 测试\nname_en: S\ntimezone: Asia/Shanghai\ncurrency: CNY\ngrid_region: JS\n",
    "meters.csv": "meter_id,energy_unit_id,carrier\nm1,{unit},electricity_grid\n",
    "points.csv": "point_id,meter_id,quantity,kind,unit,source\np1,m1,active_energy_import,register,kWh,s1\n",
    "sources.yaml": "sources:\n  s1: {kind: files, path: none/*.csv, format: csv}\n",
    "allocations.csv": "energy_unit_id,carrier,point_id\n{unit},electricity_grid,p1\n",
}


@dataclass(frozen=True)
class Row:
    """What an organisation's root unit consumed of a carrier in a month."""

    organization_id: str
    carrier: str
    quantity: str
    unit: str
    role: str = "purchase"
    use_type: str = "fuel"
    month: date = date(2025, 3, 1)
    energy_gj: str | None = None
    tce_calorific: str | None = None
    tce_equivalent: str | None = None
    point_id: str | None = None

    def as_record(self) -> dict[str, Any]:
        counted = self.role in ("purchase", "internal_purchase", "own_generation", "end_use")
        return {
            "organization_id": self.organization_id,
            "energy_unit_id": f"{self.organization_id}_root",
            "carrier": self.carrier,
            "use_type": self.use_type,
            "role": self.role,
            "is_counted": counted,
            "quantity": Decimal(self.quantity),
            "quantity_unit": self.unit,
            "energy_gj": _decimal(self.energy_gj),
            "energy_tce_calorific": _decimal(self.tce_calorific),
            "energy_tce_equivalent": _decimal(self.tce_equivalent),
            "cost_cny": None,
            "estimated_ratio": Decimal(0),
            "month": self.month,
        }


@dataclass(frozen=True)
class Site:
    """The organisations of the sandbox: id -> (parent, guideline), and further site files."""

    organizations: Mapping[str, tuple[str, str]]
    files: Mapping[str, str] = field(default_factory=dict)


def build(folder: Path, site: Site, rows: Sequence[Row], variables: Mapping[str, Any], select: Sequence[str]) -> Path:
    """Run the selected models and return the database they are in."""
    folder.mkdir(parents=True, exist_ok=True)
    project = folder / "dbt_project"
    shutil.copytree(ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    database = folder / "sandbox.duckdb"
    _fill(database, _written(folder / "site", site), rows)
    dbt = Path(sys.executable).with_name("dbt")
    places = ["--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(folder / "target")]
    done = subprocess.run(
        [dbt, "run", *places, "--log-path", str(folder / "logs"), "--vars", json.dumps(dict(variables)), "-s", *select],
        env={**os.environ, "NENGTAN_BUILD_DB": str(database), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return database


def query(database: Path, sql: str) -> list[dict[str, Any]]:
    """Return the rows of a query as records."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.sql(sql).to_arrow_table().to_pylist()


def _fill(database: Path, folder: Path, rows: Sequence[Row]) -> None:
    site = read_site(folder, {})
    organizations, units = site.tables["organizations"], site.tables["energy_units"]
    tables = {name: table for name, table in site.tables.items() if table.num_columns}
    tables |= by_use(site.tables)
    tables |= load()
    tables["unit_closure"] = unit_closure(units, organizations)
    tables["organization_closure"] = organization_closure(organizations)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema ref; create schema energy")
        for name, table in tables.items():
            _put(connection, f"ref.{name}", table)
        numbers = {name: pa.decimal128(18, 6) for name in ("quantity", "energy_gj", "cost_cny", "estimated_ratio")}
        numbers |= {f"energy_tce_{end}": pa.decimal128(18, 6) for end in ("calorific", "equivalent")}
        records = [row.as_record() for row in rows]
        names = list(Row("", "", "0", "").as_record())
        columns = {name: pa.array([record[name] for record in records], numbers.get(name)) for name in names}
        _put(connection, "energy.consumption_monthly", pa.table(columns))
        points = columns | {"point_id": pa.array([row.point_id for row in rows], pa.string())}
        _put(connection, "energy.consumption_points_monthly", pa.table(points).drop_columns("estimated_ratio"))
        connection.execute("delete from energy.consumption_points_monthly where point_id is null")


def _put(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("incoming", table)
    connection.execute(f"create table {name} as select * from incoming")
    connection.unregister("incoming")


def _written(folder: Path, site: Site) -> Path:
    folder.mkdir()
    organizations = "organization_id,parent_id,name_zh,name_en,guideline\n"
    units = "energy_unit_id,organization_id,parent_id,kind,name_zh,name_en\n"
    for name, (parent, guideline) in site.organizations.items():
        organizations += f"{name},{parent},{name},{name},{guideline}\n"
        units += f"{name}_root,{name},,site,{name},{name}\n"
    first = next(iter(site.organizations))
    files = {name: text.replace("{unit}", f"{first}_root") for name, text in SITE.items()}
    files |= {"organizations.csv": organizations, "energy_units.csv": units, **site.files}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
