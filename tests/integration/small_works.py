"""A small works whose readings a test makes up, landed and built as a run does it."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from assets import reference
from factors import site_tables
from factors.load import load
from lake import build, models, publication, worklist
from lake.batch import Batch
from lake.engine import Engine
from lake.manifest import Manifest
from lake.schemas import READING, REFUSED
from lake.site.closure import organization_closure, unit_closure
from lake.site.load import Site, read_site
from lake.store import Lake

ROOT = Path(__file__).resolve().parents[2]
#: Midnight of 1 January 2025 in Shanghai.
START = datetime(2024, 12, 31, 16, tzinfo=UTC)
QUARTER = timedelta(minutes=15)

FILES = {
    "site.yaml": "id: small\nname_zh: 小厂\nname_en: Small\ntimezone: Asia/Shanghai\ngrid_region: JS\n",
    "organizations.csv": "organization_id,parent_id,name_zh,name_en\nworks,,小厂,Small works\n",
    "energy_units.csv": "energy_unit_id,organization_id,parent_id,kind,name_zh,is_residual\n"
    "root,works,,site,全厂,\nshop,works,root,workshop,车间,\nline1,works,shop,line,一线,\n"
    "line2,works,shop,line,二线,\nrest,works,root,common,未计量,true\n",
    "meters.csv": "meter_id,energy_unit_id,carrier,ct_ratio\n"
    "m_main,root,electricity_grid,10\nm1,line1,electricity,\nm2,line2,electricity,\nm_coal,root,bituminous_coal,\n",
    "points.csv": "point_id,meter_id,quantity,kind,unit,multiplier,register_size,source\n"
    "main,m_main,active_energy_import,register,kWh,0.1,100000,hand\n"
    "one,m1,active_energy_import,register,kWh,1,,hand\ntwo,m2,active_energy_import,register,kWh,1,,hand\n"
    "coal,m_coal,mass,interval,t,1,,hand\npower,m1,active_power,power,kW,1,,hand\n",
    "sources.yaml": "sources:\n  hand: {kind: files, path: none/*.csv, format: csv}\n",
    "allocations.csv": "energy_unit_id,carrier,point_id\nroot,electricity_grid,main\nroot,bituminous_coal,coal\n"
    "line1,electricity,one\nline2,electricity,two\n",
    "tariffs.csv": "energy_unit_id,carrier,band,start_time,end_time,price_cny_per_unit\n"
    "root,electricity_grid,valley,00:00,08:00,0.3\nroot,electricity_grid,flat,08:00,24:00,0.7\n",
    "supply_contracts.csv": "energy_unit_id,demand_rule,contract_kw,price_cny_per_kw,power_factor_standard\n"
    "root,contract_demand,300,40,0.90\n",
}

Reading = tuple[str, datetime, Decimal]


class Row(NamedTuple):
    """A reading with its status and when it was known."""

    point_id: str
    reading_at: datetime
    value: Decimal
    status: str
    known_at: datetime | None


@dataclass
class Works:
    """A lake with its site."""

    lake: Lake
    site: Site
    project: Path
    landed: int = 0

    def land(self, rows: Iterable[Reading], known_at: datetime | None = None) -> None:
        """Land the rows as one batch, an hour after the one before."""
        self.take([Row(point, at, value, "good", known_at) for point, at, value in rows])

    def take(self, rows: Iterable[Row]) -> None:
        """Land rows that say when they were known and how they are, as one batch an hour after the one before."""
        self.landed += 1
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self.landed)
        table = pa.Table.from_pylist(
            [{**row._asdict(), "position": place} for place, row in enumerate(rows)],
            READING,
        )
        payload = f"{self.landed}".encode()
        self.lake.land(Batch("hand", "test", payload, ".txt", at, table, REFUSED.empty_table(), 3))

    def work(self) -> worklist.Worklist:
        """Return what a run would have to do now."""
        last = publication.last_manifest(self.lake)
        return worklist.affected(self.lake, last, self.site.settings, models.read(self.project))

    def prepared(self, run_id: str) -> build.Build:
        """Build what has to be built, without publishing it."""
        made = self.opened(run_id, self.work())
        made.run_models()
        return made

    def opened(self, run_id: str, work: worklist.Worklist, as_of: datetime | None = None) -> build.Build:
        """Make the database of a run."""
        engine = Engine("1GB", 2)
        return build.prepare(self.lake, self.site.settings, run_id, work, as_of, project=self.project, engine=engine)

    def look_back(self, run_id: str, as_of: datetime) -> Path:
        """Build the marts as they were known at a time and return the file that opens them."""
        everything = worklist.full(models.read(self.project), "looked back")
        made = self.opened(run_id, everything, as_of)
        made.run_models()
        publication.publish(self.lake, made)
        return made.marts / "marts.duckdb"

    def dbt(self, made: build.Build, *verbs: str) -> str:
        """Run dbt in a build, as its unit tests need it, and return what it said."""
        places = ["--project-dir", str(made.project), "--profiles-dir", str(made.project)]
        outputs = ["--target-path", str(made.folder / "target"), "--log-path", str(made.folder / "logs")]
        dbt = Path(sys.executable).with_name("dbt")
        command = [dbt, *verbs, *places, *outputs, "--vars", json.dumps(made.variables)]
        environment = {**os.environ, "NENGTAN_BUILD_DB": str(made.database), "DO_NOT_TRACK": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def run(self, run_id: str) -> Manifest:
        """Build and publish."""
        return publication.publish(self.lake, self.prepared(run_id))

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return the answer of the published marts."""
        with duckdb.connect(str(self.lake.root / "marts.duckdb"), read_only=True) as con:
            return con.sql(query).fetchall()


def works(folder: Path, project: Path, files: Mapping[str, str] = FILES) -> Works:
    """Make the site, its lake and the reference snapshots."""
    site_folder = folder / "site"
    site_folder.mkdir(parents=True)
    for name, text in files.items():
        (site_folder / name).write_text(text, encoding="utf-8")
    site, lake = read_site(site_folder, {}), Lake(str(folder / "lake"))
    known_at = datetime(2025, 12, 1, tzinfo=UTC)
    units, organizations = site.tables["energy_units"], site.tables["organizations"]
    sets = pa.schema([("kind", pa.string()), ("factor_set", pa.string())])
    things = {
        **site.tables,
        **load(),
        **site_tables.by_use(site.tables),
        "unit_closure": unit_closure(units, organizations),
        "organization_closure": organization_closure(organizations),
        "site_factor_sets": sets.empty_table(),
        "sources": reference.kinds_of_sources(site.sources),
        **reference.noted_by_the_collector(lake.root),
    }
    for thing, table in things.items():
        lake.snapshot(thing, table, known_at)
    return Works(lake, site, project)


def use(quarters: int) -> dict[str, list[int]]:
    """Return what passes each point in each quarter of an hour, in whole units; the same at each call."""
    chance = random.Random(7)
    one = [chance.randint(5, 60) for _ in range(quarters)]
    two = [chance.randint(5, 60) for _ in range(quarters)]
    return {"one": one, "two": two, "main": [a + b + 3 for a, b in zip(one, two, strict=True)]}


def register(point: str, steps: list[int], first: int = 0, size: int | None = None, late_s: int = 0) -> list[Reading]:
    """Return the readings of a register that begins at `first`, one at each boundary (or `late_s` after it)."""
    value, found = first, []
    for number in range(len(steps) + 1):
        at = START + number * QUARTER + timedelta(seconds=late_s)
        found.append((point, at, Decimal(value)))
        if number < len(steps):
            value += steps[number]
            value = value % size if size else value
    return found
