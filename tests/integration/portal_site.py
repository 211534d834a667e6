"""A park with two members, and the entry portal that runs for it as a program of its own."""

import base64
import json
import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import httpx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from starlette.applications import Starlette

from ingestion.portal import app, doorway
from ingestion.portal.database import Database
from ingestion.portal.place import Place
from ingestion.portal.sign_on import Dashboards
from lake import tablerows
from pipelines.settings import read_settings
from pipelines.tracing import Tracer
from tests.integration import certificates

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Steady-Kiln-2026"
RECOVERY_CODES = 10
FILES = {
    "site.yaml": "id: two\nname_zh: 双企园区\nname_en: Two members\ntimezone: Asia/Shanghai\ngrid_region: JS\n",
    "organizations.csv": "organization_id,parent_id,name_zh,name_en\npark,,双企园区,Two-member park\n"
    "mill,park,东山水泥厂,East Hill Cement\nsteel,park,西河钢厂,West River Steel\n",
    "energy_units.csv": "energy_unit_id,organization_id,parent_id,kind,name_zh,name_en\n"
    "park_root,park,,site,园区,Park\nmill_root,mill,,site,全厂,Mill\nkiln,mill,mill_root,process,窑,Kiln\n"
    "steel_root,steel,,site,全厂,Steel works\nfurnace,steel,steel_root,process,电炉,Furnace\n",
    "meters.csv": "meter_id,energy_unit_id,carrier\nm_mill,mill_root,electricity_grid\nm_hand,kiln,electricity\n"
    "m_steel,steel_root,electricity_grid\n",
    "points.csv": "point_id,meter_id,quantity,kind,unit,source\n"
    "mill_main,m_mill,active_energy_import,register,kWh,files\nkiln_hand,m_hand,active_energy_import,register,kWh,forms\n"
    "steel_main,m_steel,active_energy_import,register,kWh,files\n",
    "allocations.csv": "energy_unit_id,carrier,point_id\nmill_root,electricity_grid,mill_main\n"
    "kiln,electricity,kiln_hand\nsteel_root,electricity_grid,steel_main\n",
    "sources.yaml": "sources:\n  files: {kind: files, path: inbox/*.csv, format: csv, timezone: Asia/Shanghai}\n"
    "  forms: {kind: form}\n",
    "production.csv": "organization_id,energy_unit_id,product_id,month,quantity,unit\n"
    "mill,mill_root,clinker,2025-01,1000,t\nsteel,steel_root,crude_steel,2025-01,500,t\n",
    "identifiers.csv": "identifier,subject_kind,subject_id,organization_id,node,registered_on,is_public\n"
    "88.999.1/ORG,organization,park,park,,,true\n88.999.2/ORG,organization,mill,mill,,,false\n"
    "88.999.2/M.m_mill,meter,m_mill,mill,,,false\n88.999.3/P.crude_steel,product,crude_steel,steel,,,true\n",
    "review_rules.csv": "rule_id,entity,check,maximum,unit,reason\n"
    "value_high,finance,range,50000,10kCNY,three times the best month so far\n",
    "alert_rules.csv": "rule_id,kind,subject,quantity,carrier,limit_value,escalate_after_hours,escalate_notify\n"
    "much,threshold,mill_root,consumption_day,electricity_grid,200,24,review\n"
    "steel_much,threshold,steel_root,consumption_day,electricity_grid,200,,\n",
    "people.csv": "person_id,organization_id,name_zh,name_en\nli,mill,李冶,Li Ye\nshen,mill,沈括,Shen Kuo\n"
    "song,mill,宋应星,Song Yingxing\n"
    "wang,steel,王淑贞,Wang Shuzhen\nzhang,park,张衡,Zhang Heng\n"
    "guo,park,郭守敬,Guo Shoujing\n",
    "roles.csv": "person_id,organization_id,role\nli,mill,enter\nshen,mill,review\nshen,mill,approve\nshen,mill,close\n"
    "song,mill,review\nsong,mill,approve\n"
    "wang,steel,enter\nwang,steel,audit\nzhang,park,audit\nzhang,steel,review\n"
    "zhang,steel,approve\n",
}


@dataclass
class Portal:
    """A running portal with its site and its lake."""

    site: Path
    lake: Path
    address: str
    home: Path
    admin_password: str
    passwords: dict[str, str] = field(default_factory=dict)
    factors: dict[str, bytes] = field(default_factory=dict)
    clients: ExitStack = field(default_factory=ExitStack)

    def sql(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.lake / "marts.duckdb"), read_only=True) as connection:
            return connection.sql(query).fetchall()

    def run(self) -> dict[str, object]:
        """Run the site as its owner does."""
        command = [
            sys.executable,
            "-m",
            "pipelines.cli.main",
            "run",
            str(self.site),
            "--lake",
            str(self.lake),
            "--json",
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def lines(self, entity: str) -> list[dict[str, Any]]:
        """The lines of approved sheets of a kind in the lake, in the order of their approval."""
        found = tablerows.read(self.lake / "raw/forms__entry").sort_by("known_at").to_pylist()
        return [line for line in found if line["entity"] == entity]

    def client(self) -> httpx.Client:
        trusted = ssl.create_default_context()
        if self.address.startswith("https:"):
            trusted.load_verify_locations(self.site / "authority.pem")
        return self.clients.enter_context(
            httpx.Client(
                base_url=self.address,
                follow_redirects=True,
                timeout=120,
                verify=trusted,
                event_hooks={"response": [lambda answer: careful(answer, self.address)]},
            )
        )

    def signed_in(self, person: str) -> "Browserless":
        """Sign somebody in; at the first time open the account and choose a password, as people do."""
        if person != "admin" and person not in self.passwords:
            admin = self.signed_in("admin")
            page = admin.post("/accounts", person=person, step="open")
            found = re.search(r'class="secret">([^<]+)<', page.text)
            assert found, page.text
            self.passwords[person] = found[1]
        first = self.passwords.get(person, self.admin_password)
        session = Browserless(self.client())
        page = session.post("/login", person=person, password=first)
        assert page.status_code == 200, page.text
        if page.url.path == "/second-factor":
            page = session.post("/second-factor", code=self.code(person))
            assert page.status_code == 200, page.text
        if page.url.path == "/password":
            chosen = f"{PASSWORD}-{secrets.token_hex(4)}"
            page = session.post("/password", password=chosen, again=chosen)
            assert page.url.path in ("/", "/second-factor/new"), page.text
            self.passwords[person] = chosen
            page = session.get("/")
        if page.url.path == "/second-factor/new":
            found = re.search(r'class="secret">([^<]+)<', page.text)
            assert found, page.text
            self.factors[person] = secret_of(found[1])
            page = session.post("/second-factor/new", step="confirm", code=self.code(person))
            assert page.text.count('class="secret"') == RECOVERY_CODES, page.text
        return session

    def code(self, person: str) -> str:
        """The code that somebody's app shows, as if none was taken in these thirty seconds."""
        with Database(self.home / "portal.sqlite").writing() as connection:
            connection.execute("update second_factors set step = 0 where person_id = ?", (person,))
        return code_of(self.factors[person])


@dataclass
class Browserless:
    """A session without a browser: it carries the word that each form of the portal carries."""

    client: httpx.Client
    csrf: str = ""

    def get(self, path: str, **options: object) -> httpx.Response:
        return self._seen(self.client.get(path, **options))  # type: ignore[arg-type]

    def post(self, path: str, files: dict[str, tuple[str, bytes]] | None = None, **data: str) -> httpx.Response:
        return self._seen(self.client.post(path, data={"csrf": self.csrf, **data}, files=files))

    def step(self, path: str, name: str, **cells: str) -> httpx.Response:
        """Look at a sheet and take a step with it as it was seen."""
        return self.post(path, step=name, revision=self.revision(path), **cells)

    def revision(self, path: str) -> str:
        """Look at a sheet and return the revision that a step with it names."""
        found = re.search(r'name="revision" value="([^"]*)"', self.get(path).text)
        assert found, path
        return found[1]

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        found = re.search(r'name="csrf" value="([^"]*)"', answer.text)
        self.csrf = found[1] if found else self.csrf
        return answer


def careful(answer: httpx.Response, of: str) -> None:
    """Every answer of the portal that any test sees, errors and redirections too, tells the browser what to refuse."""
    if not str(answer.url).startswith(of):
        return  # a peer's
    told = answer.headers
    policy = told["content-security-policy"]
    assert policy.startswith("default-src 'none'; "), answer.url
    assert "script-src" not in policy, "no script at all"
    assert {"frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} <= set(policy.split("; "))
    assert told["x-content-type-options"] == "nosniff"
    assert told["x-frame-options"] == "DENY"
    assert told["referrer-policy"] == "same-origin"
    assert told["cross-origin-opener-policy"] == told["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in told["permissions-policy"]
    assert told["cache-control"] == "no-store"
    assert answer.url.scheme == "http" or "max-age" in told["strict-transport-security"]
    for cookie in told.get_list("set-cookie"):
        assert "HttpOnly" in cookie or "nengtan_language" in cookie or "Max-Age=0" in cookie, cookie
        assert answer.url.scheme == "http" or "Secure" in cookie or "Max-Age=0" in cookie, cookie


def secret_of(text: str) -> bytes:
    """What an app keeps of the key that a page shows."""
    return base64.b32decode(text.replace(" ", ""))


def code_of(secret: bytes, after_s: float = 0) -> str:
    """What an app shows for a secret, now or some seconds later."""
    return TOTP(secret, 6, SHA1(), 30).generate(int(time.time() + after_s)).decode()


@contextmanager
def running(folder: Path) -> Iterator[Portal]:
    """Start the portal as a program of its own, for a new site and a new lake."""
    site, lake = new(folder)
    with _served(site, lake) as (address, password):
        portal = Portal(site, lake, address, lake / "portal", password)
        with portal.clients:
            yield portal


@contextmanager
def in_thread(
    folder: Path, environment: Mapping[str, str] = {}, dashboards: Dashboards | None = None
) -> Iterator[tuple[Portal, Starlette]]:
    """Start the portal with TLS for a new site and lake in this process, which is quicker, and tell its routes."""
    site, lake = new(folder, "{kind: form, certificate: portal.pem, key: portal_key.pem}")
    certificates.authority(site, "authority").issue("portal")
    with opened(site, lake, folder / "home", environment, dashboards=dashboards) as running:
        yield running


@contextmanager
def opened(
    site: Path,
    lake: Path,
    home: Path,
    environment: Mapping[str, str],
    held: socket.socket | None = None,
    *,
    dashboards: Dashboards | None = None,
) -> Iterator[tuple[Portal, Starlette]]:
    """Start the portal in this process for a site and a lake that are there, on a port that is held for it."""
    place = Place(site, environment)
    way = doorway.read(place.known(), "127.0.0.1")
    tracer = Tracer(read_settings(site, str(lake), {**os.environ, **environment, "NENGTAN_MARTS": str(lake)}))
    opened, password = app.open_portal(
        place, str(lake), home, lake / "marts.duckdb", is_secure=way.is_secure, tracer=tracer, dashboards=dashboards
    )
    made = app.application(opened)
    server = doorway.server(made, way, 0)
    thread = threading.Thread(target=server.run, args=([held],) if held else ())
    thread.start()
    try:
        _until(lambda: server.started, thread.is_alive)
        port = server.servers[0].sockets[0].getsockname()[1]
        portal = Portal(site, lake, f"http{'s' if way.tls else ''}://127.0.0.1:{port}", home, password or "")
        with portal.clients:
            yield portal, made
    finally:
        server.should_exit = True
        thread.join(120)


def new(folder: Path, forms: str = "{kind: form}") -> tuple[Path, Path]:
    """Write the site, its connection for forms as given, and name its lake."""
    site, lake = folder / "site", folder / "lake"
    site.mkdir(parents=True)
    for name, text in FILES.items():
        (site / name).write_text(text.replace("{kind: form}", forms), encoding="utf-8")
    inbox = site / "inbox"
    inbox.mkdir()
    lines = [
        f"{point},2025-01-{day:02d} {hour:02d}:00,{base + (day - 1) * 240 + hour * 10}\n"
        for point, base in (("mill_main", 1000), ("steel_main", 9000))
        for day in (1, 2, 3)
        for hour in range(24)
    ]
    (inbox / "readings.csv").write_text("point_id,reading_at,value\n" + "".join(lines), encoding="utf-8")
    return site, lake


@contextmanager
def _served(site: Path, lake: Path) -> Iterator[tuple[str, str]]:
    port = _free_port()
    environment = {**os.environ, "NENGTAN_SITE": str(site), "NENGTAN_LAKE": str(lake), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "pipelines.portal", "--port", str(port)]
    log = lake.with_name("portal.log")
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            found = re.search(r"account admin, password (\S+)", said)
            assert found, said + log.read_text("utf-8")
            _until(lambda: _answers(port), lambda: process.poll() is None)
            yield f"http://127.0.0.1:{port}", found[1]
        finally:
            process.terminate()
            process.wait(60)
            process.stdout.close()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(reached: Callable[[], bool], lives: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not reached():
        assert lives(), "the portal ended"
        assert time.monotonic() < deadline, "the portal does not answer"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def audit_lines(home: Path) -> list[dict[str, Any]]:
    """The lines of a portal's audit log, in their order."""
    with Database(home / "portal.sqlite").reading() as connection:
        return [dict(row) for row in connection.execute("select * from audit order by number")]


def accounts(home: Path) -> list[str]:
    """Who has an account."""
    with Database(home / "portal.sqlite").reading() as connection:
        return [row["person_id"] for row in connection.execute("select person_id from accounts order by person_id")]
