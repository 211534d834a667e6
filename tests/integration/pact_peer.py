"""A PACT host that is not ours, behind real TLS: it gives what it is told to give, and fails as it is told to."""

import base64
import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.integration import certificates

Answer = tuple[int, bytes, dict[str, str]]
CLIENT, SECRET = "works", "known to two"
PRODUCT = "urn:gtin:06900000000011"


def document(footprint: str = "1180", *, version: int = 3, **more: Any) -> dict[str, Any]:
    """One footprint of a tonne of lime; `pcf` in `more` changes the figures, the rest the record."""
    own = more.pop("pcf", {})
    record = {
        "id": str(uuid.uuid4()),
        "specVersion": "3.0.3" if version == 3 else "2.3.0",
        "created": "2026-01-10T00:00:00Z",
        "status": "Active",
        "companyName": "Lime works",
        "companyIds": ["urn:uuid:2f0a5b9e-7a39-4b6e-9a10-54ad3d1a3a01"],
        "productDescription": "Quicklime in bulk",
        "productIds": [PRODUCT],
        "productNameCompany": "Quicklime",
    }
    times = {"referencePeriodStart": "2025-01-01T00:00:00Z", "referencePeriodEnd": "2026-01-01T00:00:00Z"}
    per_kg = f"{Decimal(footprint) / 1000:f}"
    if version == 2:
        record |= {"version": 1, "updated": record["created"], "productCategoryCpc": "37420", "comment": ""}
        pcf = {
            "declaredUnit": "kilogram",
            "unitaryProductAmount": "1",
            "pCfExcludingBiogenic": per_kg,
            "pCfIncludingBiogenic": per_kg,
            "fossilGhgEmissions": per_kg,
            "fossilCarbonContent": "0",
            "biogenicCarbonContent": "0",
            "characterizationFactors": "AR6",
            "ipccCharacterizationFactorsSources": ["AR6"],
            "crossSectoralStandardsUsed": ["GHG Protocol Product standard"],
            "boundaryProcessesDescription": "Quarry to gate",
            "geographyCountry": "CN",
            "exemptedEmissionsPercent": 0,
            "exemptedEmissionsDescription": "",
            "packagingEmissionsIncluded": False,
            "primaryDataShare": 62.5,
            "dqi": {
                "coveragePercent": 90,
                "technologicalDQR": "1.5",
                "temporalDQR": "1.5",
                "geographicalDQR": "1",
                "completenessDQR": "1",
                "reliabilityDQR": "2",
            },
        }
    else:
        pcf = {
            "declaredUnitOfMeasurement": "kilogram",
            "declaredUnitAmount": "1",
            "productMassPerDeclaredUnit": "1",
            "geographyCountry": "CN",
            "pcfExcludingBiogenicUptake": per_kg,
            "pcfIncludingBiogenicUptake": per_kg,
            "fossilGhgEmissions": per_kg,
            "fossilCarbonContent": "0",
            "ipccCharacterizationFactors": ["AR6"],
            "crossSectoralStandards": ["PACT-3.0"],
            "exemptedEmissionsPercent": "0",
            "primaryDataShare": "62.5",
            "dqi": {"technologicalDQR": "2", "temporalDQR": "2", "geographicalDQR": "1"},
        }
    return record | more | {"pcf": {**times, **pcf, **own}}


@dataclass
class Host:
    """What it gives and what it was told; `plan` may answer a request in its place."""

    address: str = ""
    records: list[dict[str, Any]] = field(default_factory=list)
    page: int = 2
    token_seconds: int = 3600
    tokens: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    plan: Callable[["Host", str, str], Answer | None] = lambda *_: None
    began: dict[str, float] = field(default_factory=dict)

    def answer(self, path: str, query: dict[str, list[str]]) -> Answer:
        """Answer a request that was let in."""
        _, version, what, *rest = path.split("/")
        if what == "events":
            return 200, b"", {}
        if rest:
            found = [one for one in self.records if one["id"] == rest[0]]
            missing = {"code": "NotFound" if version == "3" else "NoSuchFootprint", "message": "not here"}
            return (200, _json({"data": found[0]}), {}) if found else (404, _json(missing), {})
        wanted = query.get("productId") or [part for part in query.get("$filter", [""])[0].split("'") if "urn:" in part]
        found = [one for one in self.records if not wanted or set(wanted) & set(one["productIds"])]
        begin, size = int(query.get("offset", ["0"])[0]), min(self.page, int(query.get("limit", ["100"])[0]))
        told = {name: values[0] for name, values in query.items() if name != "offset"}
        more = begin + size < len(found)
        text = "&".join(f"{name}={value}" for name, value in {**told, "offset": begin + size}.items())
        link = {"Link": f'<{self.address}{path}?{text.replace(" ", "%20")}>; rel="next"'} if more else {}
        return 200, _json({"data": found[begin : begin + size]}), link

    def token(self, header: str | None) -> Answer:
        """Give a token to the one client there is."""
        named = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if header != f"Basic {named}":
            return 401, _json({"error": "invalid_client"}), {}
        token = uuid.uuid4().hex
        self.tokens.append(token)
        self.began[token] = time.monotonic()
        return 200, _json({"access_token": token, "token_type": "bearer", "expires_in": 3600}), {}

    def is_let_in(self, header: str | None) -> bool:
        """Whether a token is one of ours that has not ended."""
        token = (header or "").removeprefix("Bearer ")
        return token in self.tokens and time.monotonic() < self.began[token] + self.token_seconds


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


class Door(BaseHTTPRequestHandler):
    """Lets in who has a token, and writes down what was asked."""

    protocol_version = "HTTP/1.1"
    host: ClassVar[Host]

    def do_GET(self) -> None:
        self._say(*self._answer("GET", b""))

    def do_POST(self) -> None:
        self._say(*self._answer("POST", self.rfile.read(int(self.headers.get("Content-Length") or 0))))

    def _answer(self, method: str, body: bytes) -> Answer:
        parts, host = urlsplit(self.path), self.host
        host.asked.append(f"{method} {self.path}")
        planned = host.plan(host, method, self.path)
        if planned is not None:
            return planned
        if parts.path == "/auth/token":
            return host.token(self.headers["Authorization"])
        if parts.path.startswith("/.well-known"):
            return 404, b"", {}
        if not host.is_let_in(self.headers["Authorization"]):
            return 401, _json({"code": "TokenExpired", "message": "ask for a new one"}), {}
        if method == "POST":
            host.posted.append(json.loads(body))
        return host.answer(parts.path, parse_qs(parts.query))

    def _say(self, status: int, answer: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        try:
            self.wfile.write(answer)
        except OSError:
            self.close_connection = True  # who asked has heard enough

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def hosting(folder: Path) -> Iterator[Host]:
    """Run the host on a free port; its authority's certificate is `authority.pem` in the folder."""
    if not (folder / "peer.pem").exists():
        certificates.authority(folder, "authority").issue("peer")
    host = Host()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneDoor", (Door,), {"host": host}))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "peer.pem", folder / "peer_key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    host.address = f"https://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)
