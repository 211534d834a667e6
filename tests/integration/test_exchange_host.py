"""The host as a program: TLS and nothing else, errors in the form of the specification, limits, clients by command."""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from exchange.api import doorway
from exchange.api.policy import Policy
from lake.errors import NengtanError
from lake.site.load import read_site
from pipelines import exchange as program
from pipelines import servers
from pipelines.cli.main import status_of
from pipelines.settings import read_settings
from tests.integration import certificates, exchange_site
from tests.integration.exchange_site import CLINKER, Running, credentials
from tests.integration.test_portal_tls import handshake, why_refused, yesterdays

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]
CLOUD = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with exchange_site.running(tmp_path_factory.mktemp("host")) as running:
        yield running


@pytest.fixture(scope="module")
def buyer(host: Running) -> httpx.Client:
    return host.signed_in("buyer-client")


def test_every_error_has_the_form_of_the_specification(host: Running, buyer: httpx.Client) -> None:
    event, asked = (
        json.dumps(exchange_site.event(3, "PublishedEvent.3", {"pfIds": [CLINKER.record_id]})),
        "/3/footprints",
    )
    answers = {
        "nothing here": (buyer.get("/nowhere"), 404, "NotFound"),
        "a slash more": (buyer.get("/3/footprints/"), 404, "NotFound"),
        "no such id": (buyer.get("/3/footprints/1%27--"), 404, "NotFound"),
        "no such id in v2": (buyer.get("/2/footprints/%00"), 404, "NoSuchFootprint"),
        "another method": (buyer.delete(asked), 405, "BadRequest"),
        "no method": (buyer.request("BREW", asked), 405, "BadRequest"),
        "limit of nothing": (buyer.get(asked, params={"limit": 0}), 400, "BadRequest"),
        "limit of words": (buyer.get(asked, params={"limit": "ten"}), 400, "BadRequest"),
        "no time": (buyer.get(asked, params={"validOn": "yesterday"}), 400, "BadRequest"),
        "v2's filter": (buyer.get(asked, params={"$filter": "created gt '2020'"}), 400, "NotImplemented"),
        "another's criterion": (buyer.get(asked, params={"x-atq-invoice": "1"}), 400, "NotImplemented"),
        "no link of ours": (buyer.get(asked, params={"cursor": "AAAA"}), 400, "BadRequest"),
        "no statement": (buyer.get("/2/footprints", params={"$filter": "(("}), 400, "BadRequest"),
        "another operator": (
            buyer.get("/2/footprints", params={"$filter": "created ne '2020'"}),
            400,
            "NotImplemented",
        ),
        "no JSON": (buyer.post("/3/events", content=b"{", headers=CLOUD), 400, "BadRequest"),
        "no object": (buyer.post("/3/events", content=b"[]", headers=CLOUD), 400, "BadRequest"),
        "no number": (buyer.post("/3/events", content=b'{"a": NaN}', headers=CLOUD), 400, "BadRequest"),
        "no text": (buyer.post("/3/events", content=b"\xff\xfe", headers=CLOUD), 400, "BadRequest"),
        "deep": (buyer.post("/3/events", content=b"[" * 100_000, headers=CLOUD), 400, "BadRequest"),
        "another type": (
            buyer.post("/3/events", content=event, headers={"Content-Type": "text/xml"}),
            415,
            "BadRequest",
        ),
        "v3's event in v2": (buyer.post("/2/events", content=event, headers=CLOUD), 400, "BadRequest"),
        "a strange name": (buyer.get("/3/footprints?limit=1", headers={"Host": "a b<>"}), 400, "BadRequest"),
    }
    assert len(answers) >= 20
    for name, (answer, status, code) in answers.items():
        assert answer.status_code == status, (name, answer.text)
        told = answer.json()
        assert told["code"] == code, (name, told)
        assert set(told) == {"code", "message"}
        assert told["message"]
    assert answers["another method"][0].headers["allow"]


def test_headers_without_end_are_refused(host: Running, buyer: httpx.Client) -> None:
    """They would fill the memory of the host before anybody looked at them."""
    with suppress(httpx.TransportError):  # the host may close the connection while it is still being told
        assert buyer.get("/3/footprints", headers={"X-Long": "x" * 1_000_000}).status_code == 400
    assert buyer.get("/3/footprints").status_code == 200


def test_every_answer_carries_the_headers_that_keep_it(host: Running, buyer: httpx.Client) -> None:
    for answer in (buyer.get("/3/footprints"), buyer.get("/nowhere"), host.browser().get("/2/footprints")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


def test_what_breaks_inside_stays_inside(host: Running, buyer: httpx.Client, monkeypatch, caplog) -> None:
    def broken() -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(host.shelf, "released", broken)
    answer = buyer.get("/3/footprints")
    assert (answer.status_code, answer.json()["code"]) == (500, "InternalError")
    assert "secret of the house" not in answer.text
    assert "list failed" in caplog.text


def test_tokens_are_for_the_client_credentials_grant(host: Running) -> None:
    browser, told = host.browser(), credentials("buyer-client", host.secrets["buyer-client"])
    given = browser.post("/auth/token", **{**told, "data": {**told["data"], "scope": "x", "audience": "y"}})
    assert given.status_code == 200
    assert set(given.json()) == {"access_token", "token_type", "expires_in"}
    errors = {
        "unsupported_grant_type": {**told, "data": {"grant_type": "password"}},
        "invalid_request": {"headers": told["headers"], "data": {}},
        "invalid_client": {"data": told["data"]},
    }
    for error, asked in errors.items():
        answer = browser.post("/auth/token", **asked)
        assert answer.json()["error"] == error
        assert answer.status_code == (401 if error == "invalid_client" else 400)
    twice = browser.post("/auth/token", headers=told["headers"], content=b"grant_type=client_credentials&grant_type=x")
    assert twice.status_code == 400
    for header in ("Basic", "Basic !!!", "Basic /w==", "Bearer x", "Basic bm9jb2xvbg=="):
        answer = browser.post("/auth/token", headers={"Authorization": header}, data=told["data"])
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")


def test_too_many_requests_wait(tmp_path: Path) -> None:
    with exchange_site.running(tmp_path, Policy(requests_per_minute=6, most_failures=3)) as host:
        client = host.signed_in("buyer-client")
        answers = [client.get("/3/footprints") for _ in range(7)]
        assert [one.status_code for one in answers] == [200] * 6 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
        assert answers[-1].json()["code"] == "BadRequest"
        wrong = [host.browser().post("/auth/token", **credentials("reader", "guess")) for _ in range(4)]
        assert [one.status_code for one in wrong] == [401, 401, 401, 429]
        assert all("error" in one.json() for one in wrong)


def test_a_body_has_an_end(tmp_path: Path) -> None:
    with exchange_site.running(tmp_path, Policy(most_bytes=1000)) as host:
        client = host.signed_in("buyer-client")
        told = client.post("/3/events", content=b"x" * 1001, headers=CLOUD)
        assert (told.status_code, told.json()["code"]) == (413, "BadRequest")
        streamed = client.post("/3/events", content=(b"x" * 400 for _ in range(4)), headers=CLOUD)
        assert streamed.status_code == 413
        assert host.browser().post("/auth/token", content=b"x" * 10_001).status_code == 413
        assert client.get("/3/footprints").status_code == 200


def test_a_handshake_of_today_is_made_and_one_of_yesterday_refused(host: Running) -> None:
    trusted = ssl.create_default_context(cafile=host.certificate)
    assert handshake(host.address, trusted) in ("TLSv1.2", "TLSv1.3")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(host.address, yesterdays())
    ours = doorway.read(None, None, host.certificate.parent, "127.0.0.1").tls
    if ssl.HAS_TLSv1_1:
        assert why_refused(ours, yesterdays()) == "UNSUPPORTED_PROTOCOL"
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(host.address, ssl.create_default_context())


def test_off_this_machine_the_host_needs_a_certificate(tmp_path: Path) -> None:
    for name in ("0.0.0.0", "::", "192.0.2.7", "host.example"):
        with pytest.raises(NengtanError, match="needs a certificate"):
            doorway.read(None, None, tmp_path / "home", name)
    assert not (tmp_path / "home").exists()
    with pytest.raises(NengtanError, match="belong together"):
        doorway.read("host.pem", None, tmp_path, "127.0.0.1")
    with pytest.raises(NengtanError, match="has no TLS with"):
        doorway.read(str(tmp_path / "none.pem"), str(tmp_path / "none_key.pem"), tmp_path, "0.0.0.0")
    certificates.authority(tmp_path, "authority").issue("host")
    assert (
        doorway.read(str(tmp_path / "host.pem"), str(tmp_path / "host_key.pem"), tmp_path, "0.0.0.0").host == "0.0.0.0"
    )


def test_a_certificate_for_this_machine_is_made_once(tmp_path: Path) -> None:
    first = doorway.read(None, None, tmp_path / "home", "127.0.0.1").certificate
    made = first.read_bytes()
    assert doorway.read(None, None, tmp_path / "home", "localhost").certificate.read_bytes() == made
    assert (tmp_path / "home/key.pem").stat().st_mode & 0o077 == 0


def test_links_are_on_the_name_that_was_asked_and_below_the_path_that_partners_know(tmp_path: Path) -> None:
    """A proxy takes the path away before it asks the host."""
    with exchange_site.running(tmp_path, Policy(address="https://pact.example/api")) as host:
        answer = host.signed_in("buyer-client").get("/3/footprints", params={"limit": 1})
        assert answer.headers["link"].startswith(f"<{host.address}/api/3/footprints?limit=1&cursor=")
        told = host.browser().get("/.well-known/openid-configuration").json()
        assert told["token_endpoint"] == "https://pact.example/api/auth/token"


def test_serve_opens_the_host_where_somebody_may_come(tmp_path: Path) -> None:
    site = exchange_site.new(tmp_path)
    assert servers.opened(read_site(site, {}), None, servers.Ports()) == {"exchange host": 8443}
    for name in ("customers", "customer_grants", "suppliers"):
        (site / f"{name}.csv").unlink()
    assert servers.opened(read_site(site, {}), None, servers.Ports()) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("ADDRESS", "http://host.example"), ("TOKEN_SECONDS", "soon"), ("REQUESTS_PER_MINUTE", "0"), ("MOST_BYTES", "-1")],
)
def test_a_setting_that_cannot_be_is_one_sentence(name: str, value: str) -> None:
    settings = read_settings(environ={f"NENGTAN_EXCHANGE_{name}": value})
    with pytest.raises(NengtanError, match=f"NENGTAN_EXCHANGE_{name} is '{re.escape(value)}'"):
        program.policy_of(settings)


def test_the_program_lets_in_whom_the_command_adds(tmp_path: Path, capsys) -> None:
    """Add, ask, rotate, revoke, audit: by the commands, on the running program, without a restart."""
    site, lake = exchange_site.new(tmp_path), tmp_path / "lake"
    lake.mkdir()
    at = ["--site", str(site), "--lake", str(lake)]

    def told(*command: str, status: int = 0) -> str:
        assert status_of(["exchange", *command, *at]) == status
        return "".join(capsys.readouterr())

    def secret_of(text: str) -> str:
        found = re.search(r"client_secret  (\S+)", text)
        assert found, text
        return found[1]

    first = secret_of(told("client", "add", "buyer"))
    assert "is a client already" in told("client", "add", "buyer", status=1)
    assert "no active customer" in told("client", "add", "gone", status=1)
    assert "buyer-client: customer buyer" in told("client", "list")
    with (
        started(site, lake) as (address, certificate),
        httpx.Client(base_url=address, verify=ssl.create_default_context(cafile=certificate), timeout=60) as client,
    ):
        token = client.post("/auth/token", **credentials("buyer-client", first)).json()["access_token"]
        signed = {"Authorization": f"Bearer {token}"}
        assert client.get("/3/footprints", headers=signed).json() == {"data": []}
        second = secret_of(told("client", "rotate", "buyer-client"))
        assert client.get("/3/footprints", headers=signed).status_code == 401
        assert client.post("/auth/token", **credentials("buyer-client", first)).status_code == 401
        assert client.post("/auth/token", **credentials("buyer-client", second)).status_code == 200
        told("client", "revoke", "buyer-client")
        assert client.post("/auth/token", **credentials("buyer-client", second)).status_code == 401
        assert "no client" in told("client", "rotate", "buyer-client", status=1)
    with pytest.raises(httpx.TransportError):
        httpx.get(address, timeout=10)
    lines = json.loads(told("audit", "--of", "buyer", "--json"))
    assert [(one["act"], one["status"]) for one in lines["lines"]] == [("token", 200), ("list", 200), ("token", 200)]
    assert lines["broken_at"] is None
    assert "nobody known (127.0.0.1): token client buyer-client 401" in told("audit")
    assert json.loads(told("client", "list", "--json"))[0]["revoked_at"]


@contextmanager
def started(site: Path, lake: Path) -> Iterator[tuple[str, Path]]:
    """Start the program; the port is one that was free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "NENGTAN_SITE": str(site), "NENGTAN_LAKE": str(lake), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "pipelines.exchange", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        until = time.monotonic() + 120
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the program ended"
            assert time.monotonic() < until
            time.sleep(0.05)
        yield f"https://127.0.0.1:{port}", lake / "exchange/certificate.pem"
    finally:
        process.terminate()
        process.wait(60)
