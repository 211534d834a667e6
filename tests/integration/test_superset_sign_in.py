"""How people get into the dashboards, and what each answer of theirs tells a browser to refuse."""

import re
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from ingestion.portal.sign_on import Dashboards
from tests.integration import certificates, portal_site, superset_server
from tests.integration.portal_site import Browserless, Portal
from tests.integration.superset_server import Session, Superset, bi_python

pytestmark = pytest.mark.integration
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "permissions-policy": "browsing-topics=()",
}


def attempt(address: str, user: str, password: str) -> bool:
    """Whether a password signs somebody in by the form."""
    with httpx.Client(base_url=address, timeout=180, follow_redirects=True) as client:
        found = re.search(r'name="csrf_token"[^>]*?value="([^"]+)"', client.get("/login/").text, re.DOTALL)
        assert found
        client.post("/login/", data={"username": user, "password": password, "csrf_token": found[1]})
        return client.get("/api/v1/me/").status_code == 200


def test_wrong_passwords_lock_an_account_by_form_and_by_program(superset: Superset) -> None:
    right = superset.passwords["viewer_machinery"]
    assert attempt(superset.address, "viewer_machinery", right)
    for _ in range(5):
        sent = {"username": "viewer_machinery", "password": "no", "provider": "db", "refresh": False}
        answer = httpx.post(f"{superset.address}/api/v1/security/login", json=sent, timeout=180)
        assert answer.status_code == 401, answer.text
    assert not attempt(superset.address, "viewer_machinery", right), "locked, by whatever door it was tried"
    assert attempt(superset.address, "viewer_chemical", superset.passwords["viewer_chemical"]), "and nobody else"


def test_an_easily_guessed_password_is_refused(superset: Superset) -> None:
    admin = superset.as_("admin")
    mine = {"first_name": "a", "last_name": "b", "active": True, "roles": [1]}
    for password in ("short1A!", "Password123!", "Admin@123456", "onlysmallletters"):
        answer = admin.post(
            "/api/v1/security/users/", {**mine, "username": "x1", "email": "x1@a.invalid", "password": password}
        )
        assert answer.status_code == 400, (password, answer.text)
        assert "password" in answer.text


def test_every_answer_tells_the_browser_what_to_refuse(superset: Superset) -> None:
    """Every address without a parameter, signed in; errors, files and redirections, too."""
    viewer = superset.as_("viewer_cement")
    paths = ["/", "/login/", "/health", "/nengtan/logo.svg", "/static/assets/images/favicon.png", "/nothing-here",
             "/superset/welcome/", "/superset/dashboard/overview-zh/", "/api/v1/me/", "/api/v1/dashboard/",
             "/api/v1/chart/", "/api/v1/nothing", "/superset/language_pack/zh/", "/nengtan/trace/x", "/users/userinfo/",
             "/nengtan/suppliers/x", "/chart/list/", "/sqllab/", "/api/v1/security/roles/"]  # fmt: skip
    with httpx.Client(base_url=superset.address, timeout=180) as stranger:
        for path in paths:
            for client in (viewer.client, stranger):
                answer = client.get(path, follow_redirects=False)
                assert answer.status_code < 500, (path, answer.status_code)
                told = answer.headers
                policy = told["content-security-policy"]
                assert {name: told[name] for name in EVERYWHERE} == EVERYWHERE, path
                assert "default-src 'self'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "'unsafe-eval'" not in policy
                scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
                assert "'unsafe-inline'" not in scripts, path
                assert "http" not in policy, "nothing is taken from elsewhere"
                assert "server" not in told or "gunicorn/" not in told["server"]


def test_beyond_loopback_is_tls_or_nothing(superset: Superset, tmp_path) -> None:
    command = [
        str(bi_python()),
        "-m",
        "scripts.superset.serve",
        "--marts",
        str(superset.marts),
        "--home",
        str(tmp_path),
    ]
    for options, wrong in (
        (["--host", "0.0.0.0"], "passwords would cross the network unencrypted"),
        (["--certificate", "none.pem"], "belong together"),
        (["--certificate", "none.pem", "--key", "none.pem"], "no TLS with none.pem"),
    ):
        done = subprocess.run(
            [*command, *options], cwd=portal_site.ROOT, capture_output=True, text=True, check=False, timeout=120
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert wrong in done.stderr
        assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "nothing was made"


@pytest.fixture(scope="module")
def signed_on(superset: Superset, tmp_path_factory) -> Iterator[tuple[str, Portal]]:
    """The same dashboards once more, with TLS, where the portal of the site with two members signs people in."""
    folder, port = tmp_path_factory.mktemp("signed_on"), superset_server.free_port()
    issuer = certificates.authority(folder, "boards")
    issuer.issue("board")
    shared = Dashboards(f"https://127.0.0.1:{port}", "kept-by-both")
    with portal_site.in_thread(folder / "portal", dashboards=shared) as (portal, _):
        told = {
            "NENGTAN_PORTAL_ADDRESS": portal.address,
            "NENGTAN_SIGN_ON_SECRET": "kept-by-both",
            "NENGTAN_SIGN_ON_HEAD": "park",
            "NENGTAN_PORTAL_AUTHORITY": str(portal.site / "authority.pem"),
        }
        tls = ("--certificate", str(folder / "board.pem"), "--key", str(folder / "board_key.pem"))
        with superset_server.started(superset.marts, superset.home, port, told, *tls, "--workers", "1") as address:
            yield address, portal


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_people_of_the_portal_are_people_of_the_dashboards(superset: Superset, signed_on: tuple[str, Portal]) -> None:
    """One sign-in for both; no password of the dashboards is asked for, or taken, any more."""
    address, portal = signed_on
    with (portal.site / "roles.csv").open("a", encoding="utf-8") as roles:
        roles.write("guo,park,view\n")

    def come(person: str) -> tuple[httpx.Client, httpx.Response]:
        session: Browserless = portal.signed_in(person)
        opened = httpx.Client(timeout=180, verify=False, follow_redirects=True, cookies=session.client.cookies)
        client = portal.clients.enter_context(opened)
        page = client.get(f"{address}/login/")
        found = re.search(r'content="0; url=([^"]+)"', page.text)
        assert found, page.text[:2000]
        return client, client.get(found[1].replace("&amp;", "&"))

    client, page = come("guo")
    assert page.url.path.startswith("/superset/dashboard/overview-"), page.url
    me = client.get(f"{address}/api/v1/me/roles/").json()["result"]
    assert me["username"] == "guo"
    assert "Nengtan park manager" in me["roles"]
    assert client.get(f"{address}/api/v1/database/").status_code in (403, 404), "a reader keeps no connections"
    admin, page = come("admin")
    assert admin.get(f"{address}/api/v1/me/").status_code == 401, "who only administers sees no figures"
    sent = {"username": "admin", "password": superset.passwords["admin"], "provider": "db", "refresh": False}
    answer = httpx.post(f"{address}/api/v1/security/login", json=sent, timeout=180, verify=False)
    assert answer.status_code == 401, "accounts of before open nothing"
    assert Session(superset.address, "viewer_steel", superset.passwords["viewer_steel"])
    assert httpx.get(f"{address}/health", timeout=60, verify=False).headers["strict-transport-security"]
