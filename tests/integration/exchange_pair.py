"""A lime works and the steel works that buys its lime: two sites, two lakes, two hosts with TLS, each a program."""

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from exchange import register
from exchange.api import clients
from exchange.api.book import Book
from exchange.footprints import codec, releases
from exchange.footprints.record import Figures, Text
from exchange.register import Register
from lake import footprint_releases
from lake.closing_acts import By
from lake.store import Lake
from pipelines import exchange
from pipelines.exchange_worker import Worker
from pipelines.settings import read_settings
from tests.integration import certificates
from tests.integration.peers import free_port
from tests.unit.exchange.footprints.records import CEMENT

#: Releasing from these tables needs no texts of a site.
_NO_SITE: Any = None
ROOT = Path(__file__).resolve().parents[2]
IDENTIFIER = "urn:gtin:06900000000011"
_PEOPLE = (
    "person_id,organization_id,name_zh,name_en\nli,works,李冶,Li Ye\nshen,works,沈括,Shen Kuo\nsong,works,宋应星,Song\n"
)
_ROLES = (
    "person_id,organization_id,role\nli,works,enter\nshen,works,review\nshen,works,approve\nsong,works,review\n"
    "song,works,approve\n"
)
_COMMON = {
    "organizations.csv": "organization_id,parent_id,name_zh,name_en,credit_code\nworks,,{zh},{en},{code}\n",
    "energy_units.csv": "energy_unit_id,organization_id,parent_id,kind,name_zh,name_en\nroot,works,,site,全厂,Works\n",
    "meters.csv": "meter_id,energy_unit_id,carrier\nm_main,root,electricity_grid\n",
    "points.csv": "point_id,meter_id,quantity,kind,unit,source\nmain,m_main,active_energy_import,register,kWh,files\n",
    "allocations.csv": "energy_unit_id,carrier,point_id\nroot,electricity_grid,main\n",
    "sources.yaml": "sources:\n  files: {kind: files, path: inbox/*.csv, format: csv, timezone: Asia/Shanghai}\n"
    "  forms: {kind: form}\n",
    "people.csv": _PEOPLE,
    "roles.csv": _ROLES,
}
LIME = {
    "production.csv": "organization_id,energy_unit_id,product_id,month,quantity,unit\nworks,root,lime,2025-01,1000,t\n",
    "factors.csv": "factor_id,carrier,property,value,unit,source,reason\n"
    "burning,limestone,kgco2e_per_unit,{factor},t,虚构示例,example\n",
    "processes.csv": "process_id,organization_id,energy_unit_id,name_zh,name_en,stage,source\n"
    "kiln,works,,石灰窑,Lime kiln,production,虚构示例\n",
    "products.csv": "product_id,organization_id,process_id,name_zh,name_en,description_zh,description_en,declared_unit,"
    "mass_per_declared_unit_kg,cpc_code,product_identifier,fossil_carbon_content_kgc,biogenic_carbon_content_kgc,"
    "is_sold,source\n"
    f"lime,works,kiln,生石灰,Quicklime,散装生石灰,Quicklime in bulk,t,1000,37420,{IDENTIFIER},0,0,true,虚构示例\n",
    "exchanges.csv": "exchange_id,process_id,direction,kind,item,provider_kind,provider_id,amount_source,quantity,unit,"
    "source\nlime_out,kiln,output,product,lime,,,production,,t,虚构示例\n"
    "lime_burning,kiln,input,material,limestone,secondary,burning,fixed,1,t,虚构示例\n",
    "customers.csv": "customer_id,name_zh,name_en,client_id,pact_version,pact_url,outbound_client_id,"
    "outbound_client_secret\nsteel_works,钢厂,Steel works,steel-client,{version},{customer},lime-client,"
    "${{STEEL_SECRET}}\n",
    "customer_grants.csv": "customer_id,product_id,detail,reason\nsteel_works,lime,result,contract\n",
}
STEEL = {
    "production.csv": "organization_id,energy_unit_id,product_id,month,quantity,unit\nworks,root,steel,2025-01,500,t\n",
    "factors.csv": "factor_id,carrier,property,value,unit,source,reason\n"
    "lime_usual,lime,kgco2e_per_unit,1200,t,虚构示例,example\n"
    "iron_usual,pig_iron,kgco2e_per_unit,1500,t,虚构示例,example\n",
    "processes.csv": "process_id,organization_id,energy_unit_id,name_zh,name_en,stage,source\n"
    "furnace,works,,电炉,Furnace,production,虚构示例\n",
    "products.csv": "product_id,organization_id,process_id,name_zh,name_en,declared_unit,mass_per_declared_unit_kg,"
    "cpc_code,product_identifier,fossil_carbon_content_kgc,biogenic_carbon_content_kgc,is_sold,source\n"
    "steel,works,furnace,钢坯,Billet,t,1000,41211,urn:gtin:06900000000028,0,0,true,虚构示例\n",
    "exchanges.csv": "exchange_id,process_id,direction,kind,item,provider_kind,provider_id,amount_source,quantity,unit,"
    "source\nsteel_out,furnace,output,product,steel,,,production,,t,虚构示例\n"
    "iron_in,furnace,input,material,pig_iron,secondary,iron_usual,fixed,1.05,t,虚构示例\n"
    "lime_in,furnace,input,material,lime,supplier,lime_works,fixed,0.05,t,虚构示例\n",
    "suppliers.csv": "supplier_id,name_zh,name_en,pact_version,pact_way,pact_url,client_id,client_secret,"
    "inbound_client_id\nlime_works,石灰厂,Lime works,{version},{way},{supplier},steel-client,${{LIME_SECRET}},"
    "lime-client\n",
    "supplier_materials.csv": "supplier_id,material,organization_id,name_zh,name_en,unit,product_identifier,"
    "fallback_factor_id,penalty_ratio,share,source\n"
    f"lime_works,lime,works,石灰,Lime,t,{IDENTIFIER},lime_usual,0.1,1,虚构示例\n",
}


@dataclass
class Instance:
    """One Nengtan: its site, its lake, its host's address, and the environment of its programs."""

    site: Path
    lake: Path
    port: int
    environment: dict[str, str]
    log: Path

    @cached_property
    def register(self) -> Register:
        return register.opened(self.lake)

    @property
    def worker(self) -> Worker:
        """What goes a round in this process, with the environment of this instance."""
        return Worker(read_settings(self.site, str(self.lake), self.environment), exchange.opened)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Ask the register."""
        with self.register.reading() as connection:
            return [dict(row) for row in connection.execute(query)]

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def nengtan(self, *arguments: str, statuses: tuple[int, ...] = (0,)) -> str:
        """Run a command of this instance and return what it prints."""
        done = self.tried(*arguments)
        assert done.returncode in statuses, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout

    def tried(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of this instance, whatever comes of it."""
        command = [sys.executable, "-m", "pipelines.cli.main", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=500
        )

    def told(self, *arguments: str, statuses: tuple[int, ...] = (0,)) -> Any:
        """Run a command that prints JSON."""
        return json.loads(self.nengtan(*arguments, "--json", statuses=statuses))

    def rewrite(self, name: str, text: str) -> None:
        (self.site / name).write_text(text, encoding="utf-8")

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run `nengtan exchange serve` until the end of the block."""
        command = [sys.executable, "-m", "pipelines.cli.main", "exchange", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
            try:
                self._until_answers(process)
                yield
            finally:
                process.terminate()
                process.wait(60)

    def _until_answers(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + 120
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert process.poll() is None, self.log.read_text("utf-8")[-3000:]
            assert time.monotonic() < until, self.log.read_text("utf-8")[-3000:]
            time.sleep(0.05)


@dataclass
class Pair:
    """Both instances; each has the other's secret in its environment and nowhere else."""

    lime: Instance
    steel: Instance


def pair(folder: Path, version: int = 3, way: str = "list", lime_factor: str = "1100") -> Pair:
    """Make both sites, let each be the other's client, and give both an address with a certificate of one authority."""
    certificates.authority(folder, "authority").issue("host")
    lime, steel = _instance(folder, "lime"), _instance(folder, "steel")
    facts = {"version": str(version), "way": way, "customer": steel.address, "supplier": lime.address}
    _write(
        lime, LIME, {**facts, "factor": lime_factor, "zh": "石灰厂", "en": "Lime works", "code": "91320000MA0000001A"}
    )
    _write(steel, STEEL, {**facts, "zh": "钢厂", "en": "Steel works", "code": "91320000MA0000002B"})
    steel.environment["LIME_SECRET"] = _secret(lime, "steel_works")
    lime.environment["STEEL_SECRET"] = _secret(steel, "lime_works")
    return Pair(lime, steel)


def _instance(folder: Path, name: str) -> Instance:
    site, lake, port = folder / name / "site", folder / name / "lake", free_port()
    (site / "inbox").mkdir(parents=True)
    lake.mkdir()
    environment = {
        **os.environ,
        "NENGTAN_SITE": str(site),
        "NENGTAN_LAKE": str(lake),
        "NENGTAN_EXCHANGE_CERTIFICATE": str(folder / "host.pem"),
        "NENGTAN_EXCHANGE_KEY": str(folder / "host_key.pem"),
        "NENGTAN_EXCHANGE_ADDRESS": f"https://127.0.0.1:{port}",
        "SSL_CERT_FILE": str(folder / "authority.pem"),
        "PYTHONUTF8": "1",
    }
    environment.pop("NENGTAN_MARTS", None)
    return Instance(site, lake, port, environment, folder / f"{name}.log")


def _write(instance: Instance, files: Mapping[str, str], facts: Mapping[str, str]) -> None:
    head = f"name_zh: {facts['zh']}\nname_en: {facts['en']}\ntimezone: Asia/Shanghai\ngrid_region: JS\n"
    instance.rewrite("site.yaml", f"id: {instance.site.parent.name}\n{head}")
    for name, text in {**_COMMON, **files}.items():
        is_template = name in ("organizations.csv", "factors.csv", "customers.csv", "suppliers.csv")
        instance.rewrite(name, text.format(**facts) if is_template else text)
    hours = [(day, hour) for day in range(1, 32) for hour in range(24)]
    lines = [f"main,2025-01-{day:02d} {hour:02d}:00,{(day - 1) * 240 + hour * 10}\n" for day, hour in hours]
    instance.rewrite("inbox/readings.csv", "point_id,reading_at,value\n" + "".join(lines))


def _secret(instance: Instance, party_id: str) -> str:
    (party,) = Book(instance.site).named(party_id)
    with instance.register.writing() as connection:
        return clients.add(connection, party)


def release(instance: Instance, kgco2e: str, identifier: str = IDENTIFIER) -> str:
    """Release a footprint of lime beside what was released before, as a run's figures would be; return its id."""
    place = releases.Place(Lake(str(instance.lake)), instance.lake / "marts.duckdb", _NO_SITE)
    before = releases.rows(place.lake)
    value = Decimal(kgco2e)
    figures = Figures(value, value, value, fossil_carbon_kgc=Decimal(0), biogenic_carbon_kgc=Decimal(0))
    product = replace(CEMENT.product, product_id="lime", name=Text("生石灰", "Quicklime"), ids=(identifier,))
    record = replace(
        CEMENT,
        record_id=str(uuid.uuid4()),
        version=len(before) + 1,
        created_at=datetime.now(UTC),
        company=replace(CEMENT.company, organization_id="works"),
        product=product,
        figures=figures,
        quality=replace(CEMENT.quality, coverage_ratio=Decimal(1)),
        method=replace(CEMENT.method, is_packaging_included=False),
        preceding=tuple(one.record.record_id for one in reversed(before)),
        contributions=(),
    )
    told = {"organization_id": "works", "product_id": "lime", "period": "2025", "content_hash": uuid.uuid4().hex}
    by = {"at": datetime.now(UTC), "person_id": "shen", "way": "command", "reason": None, "version": record.version}
    row = {**told, **by, "record_id": record.record_id, "step": "released", "record": codec.text(record)}
    with place.lake.writing(footprint_releases.SOURCE):
        footprint_releases.append(place.lake, row)
    return record.record_id


def withdraw(instance: Instance, record_id: str) -> None:
    """Take a release back."""
    place = releases.Place(Lake(str(instance.lake)), instance.lake / "marts.duckdb", _NO_SITE)
    releases.withdraw(place, record_id, By("shen", "a belt scale was wrong", "command"))
