"""A park whose products customers ask for, its exchange host with TLS, and clients that ask it as programs do."""

import base64
import sqlite3
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from exchange import register
from exchange.api import app, clients, detail, doorway
from exchange.api.book import Book
from exchange.api.host import Host
from exchange.api.policy import Policy
from exchange.api.records import VERSIONS
from exchange.api.released import Written
from exchange.footprints import profiles
from exchange.footprints.record import Footprint
from exchange.register import Register
from tests.integration import portal_site
from tests.unit.exchange.footprints.records import CEMENT

#: The customer that most tests are; `rival` may see nothing that `buyer` may, and `gone` is no customer any more.
CUSTOMERS = (
    "customer_id,name_zh,client_id,pact_version,pact_url,is_active,language\n"
    "buyer,买方,buyer-client,3,https://buyer.example/pact,true,\nrival,竞争方,,3,https://rival.example,true,\n"
    "reader,读者,,2,https://reader.example,true,zh\ngone,前客户,,,,false,\n"
)
GRANTS = (
    "customer_id,product_id,detail,valid_from,valid_to,reason\nbuyer,clinker,result,,,contract\n"
    "buyer,crude_steel,process,,,contract\nrival,secret_steel,result,,,contract\n"
    "rival,clinker,result,2020-01-01,2021-01-01,an old contract\nreader,clinker,result,,,contract\n"
    "gone,clinker,result,,,contract\n"
)
SUPPLIERS = (
    "supplier_id,name_zh,pact_version,pact_url,inbound_client_id\n"
    "lime_works,石灰厂,3,https://lime.example/api,lime-client\n"
)
RELEASED = "2026-01-09T02:00:00.000000+00:00"


def identified(number: int) -> str:
    """A record's id."""
    return f"0b7c9f0e-58a3-4d5e-9a55-{number:012d}"


def footprint(number: int, product: str, **other: Any) -> Footprint:
    """A footprint of a product, with ids of its own."""
    named = replace(CEMENT.product, product_id=product, ids=(f"urn:example:product:{product}",))
    rated = replace(CEMENT.quality, coverage_ratio=Decimal("0.96"))  # without it PACT 2.3 could not tell it
    return replace(CEMENT, record_id=identified(number), product=named, quality=rated, **other)


CLINKER, STEEL = footprint(1, "clinker"), footprint(2, "crude_steel")
OLD = footprint(3, "clinker", status="Deprecated", created_at=CEMENT.created_at - timedelta(days=300))
SECRET = footprint(4, "secret_steel")
FOOTPRINTS = (CLINKER, STEEL, OLD, SECRET)


@dataclass
class Shelf:
    """Released footprints, in memory."""

    records: list[Written]

    def released(self) -> Sequence[Written]:
        return list(self.records)


def written(record: Footprint, at: str = RELEASED, organization: str = "mill") -> Written:
    """A release of a record."""
    languages = [(version, word) for version in VERSIONS for word in ("zh", "en")]
    bodies = {(version, word): profiles.written(record, version, word) for version, word in languages}
    extension = detail.extension(record, "https://host.example")
    return Written(organization, record.product.product_id, at, record, bodies, extension)


@dataclass
class Running:
    """A running host with its site, and the clients that were let in."""

    site: Path
    kept: Register
    host: Host
    shelf: Shelf
    address: str
    certificate: Path
    secrets: dict[str, str]
    stack: ExitStack = field(default_factory=ExitStack)

    def browser(self, **headers: str) -> httpx.Client:
        """A client that trusts the host's certificate."""
        trusted = ssl.create_default_context(cafile=self.certificate)
        opened = httpx.Client(
            base_url=self.address, verify=trusted, timeout=60, headers=headers, event_hooks={"response": [careful]}
        )
        return self.stack.enter_context(opened)

    def token(self, client_id: str) -> str:
        """A new token of a client."""
        answer = self.browser().post("/auth/token", **credentials(client_id, self.secrets[client_id]))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def signed_in(self, client_id: str) -> httpx.Client:
        """A client with a token, issued without its secret, whose hash is slow on purpose."""
        with self.kept.writing() as connection:
            client = next(one for one in clients.listed(connection) if one.client_id == client_id)
            token = clients.issue(connection, client, datetime.now(UTC), self.host.policy.token)
        return self.browser(Authorization=f"Bearer {token}")

    def rewrite(self, name: str, text: str) -> None:
        """Change a file of the site folder as its owner does."""
        (self.site / name).write_text(text, encoding="utf-8")


def careful(answer: httpx.Response) -> None:
    """Every answer that any test sees, errors too, tells what reads it to run and keep nothing of it.

    Only what is no request at all is answered by the server itself, in a plain word.
    """
    if answer.status_code == 400 and answer.headers["content-type"].startswith("text/plain"):
        return
    wanted = {
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
        "strict-transport-security": "max-age=31536000",
    }
    assert {name: answer.headers.get(name) for name in wanted} == wanted, answer.url


def credentials(client_id: str, secret: str) -> dict[str, Any]:
    """What a token is asked for with."""
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"headers": {"Authorization": f"Basic {basic}"}, "data": {"grant_type": "client_credentials"}}


def new(folder: Path) -> Path:
    """Write the site."""
    site, _ = portal_site.new(folder)
    for name, text in (("customers", CUSTOMERS), ("customer_grants", GRANTS), ("suppliers", SUPPLIERS)):
        (site / f"{name}.csv").write_text(text, encoding="utf-8")
    return site


@contextmanager
def running(
    folder: Path, policy: Policy | None = None, footprints: Sequence[Footprint] = FOOTPRINTS
) -> Iterator[Running]:
    """Start the host with TLS in this process, for a new site and a register of its own."""
    site = new(folder)
    kept, shelf, book = register.opened(folder), Shelf([written(one) for one in footprints]), Book(site)
    host = Host(kept, book, shelf, policy or Policy())
    with kept.writing() as connection:
        secrets = _let_in(connection, book)
    way = doorway.read(None, None, folder / "home", "127.0.0.1")
    server = doorway.server(app.application(host), way, 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        _until_started(server, thread)
        port = server.servers[0].sockets[0].getsockname()[1]
        started = Running(site, kept, host, shelf, f"https://127.0.0.1:{port}", way.certificate, secrets)
        with started.stack:
            yield started
    finally:
        server.should_exit = True
        thread.join(60)


_LET_IN: dict[str, tuple[str, tuple[str, ...]]] = {}


def _let_in(connection: sqlite3.Connection, book: Book) -> dict[str, str]:
    """Let the parties in; their secrets are hashed once for all hosts of a run, which is slow on purpose."""
    for party in ("buyer", "rival", "reader", "lime_works"):
        found = book.named(party)[0]
        if found.client_id in _LET_IN:
            row = _LET_IN[found.client_id][1]
            connection.execute(f"insert into client values ({', '.join('?' * len(row))})", row)
        else:
            secret = clients.add(connection, found)
            made = connection.execute("select * from client where client_id = ?", (found.client_id,)).fetchone()
            _LET_IN[found.client_id] = secret, tuple(made)
    return {client_id: secret for client_id, (secret, _) in _LET_IN.items()}


def _until_started(server: Any, thread: threading.Thread) -> None:
    until = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive(), "the host ended"
        assert time.monotonic() < until, "the host does not answer"
        time.sleep(0.02)


def event(version: int, kind: str, data: object, **other: object) -> dict[str, Any]:
    """An event of the buyer."""
    name = {3: f"org.wbcsd.pact.ProductFootprint.{kind}", 2: f"org.wbcsd.pathfinder.{kind}"}[version]
    told = {"type": name, "specversion": "1.0", "id": "e-1", "source": "https://buyer.example/pact"}
    return {**told, "time": "2026-02-01T08:00:00Z", "data": data, **other}
