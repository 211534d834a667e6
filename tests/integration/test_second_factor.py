"""The second factor as people and attackers meet it: enrolled once, given once, counted, and lost."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.routing import Route

from ingestion.portal.database import Database
from tests.integration import portal_site
from tests.integration.chromium import PICTURES
from tests.integration.portal_site import Browserless, Portal, code_of

pytestmark = pytest.mark.integration
SHEET = "/sheets/production/mill/2025-01"
_SIGNING_IN = ("/login", "/logout", "/language", "/answer/")
#: Open to everybody, and telling nothing of anybody: how programs ask, and how the dashboards sign people in.
_OPEN = ("/api/openapi.json", "/.well-known/openid-configuration", "/sign-on/keys", "/sign-on/token")


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[Portal, Starlette]]:
    with portal_site.in_thread(tmp_path_factory.mktemp("portal")) as running:
        roles = running[0].site / "roles.csv"
        roles.write_text(roles.read_text("utf-8") + "guo,park,secure\n", "utf-8")
        yield running


@pytest.fixture(scope="module")
def portal(served: tuple[Portal, Starlette]) -> Portal:
    return served[0]


def at_the_code(portal: Portal, person: str) -> Browserless:
    """Somebody who gave the password and owes the code."""
    session = Browserless(portal.client())
    page = session.post("/login", person=person, password=portal.passwords[person])
    assert page.url.path == "/second-factor", page.text
    return session


def acts(portal: Portal) -> list[str]:
    return [line["act"] for line in portal_site.audit_lines(portal.home)]


def test_who_approves_needs_one_and_who_enters_does_not(portal: Portal) -> None:
    portal.signed_in("li")
    assert "li" not in portal.factors
    shen = portal.signed_in("shen")
    assert "shen" in portal.factors
    assert shen.get("/").url.path == "/"
    assert "second_factor_enrolled" in acts(portal)
    kept = b"".join(path.read_bytes() for path in portal.home.glob("portal.sqlite*"))
    assert portal.factors["shen"] not in kept, "what codes are made from lies encrypted"


def test_before_the_code_nothing_is_open(served: tuple[Portal, Starlette]) -> None:
    """Every address of the application, later ones too, leads to the code or answers a program with 403."""
    portal, application = served
    portal.signed_in("shen")
    session = at_the_code(portal, "shen")
    tried = 0
    for route in application.routes:
        if not isinstance(route, Route) or route.path in _OPEN or route.path.startswith(_SIGNING_IN):
            continue
        path = re.sub(r"\{\w+(:path)?\}", "mill", route.path.replace("{handle:path}", "88.999.2/M.m_mill"))
        for method in sorted({"GET", "POST"} & (route.methods or set())):
            tried += 1
            answer = session.get(path) if method == "GET" else session.post(path, step="approve")
            if "handles/" in path:
                assert answer.status_code == 404, "what is not public is resolved for who gave the code"
            elif path.startswith("/api/"):
                assert (answer.status_code, answer.json()["error"]) == (403, "first_step"), path
            else:
                assert answer.url.path == "/second-factor", path
    assert tried >= 40


def test_a_code_is_taken_once(portal: Portal) -> None:
    portal.signed_in("shen")
    code = portal.code("shen")
    first, second = at_the_code(portal, "shen"), at_the_code(portal, "shen")
    assert first.post("/second-factor", code=code, next=SHEET).url.path == SHEET
    answer = second.post("/second-factor", code=code)
    assert answer.status_code == 401
    assert second.get("/").url.path == "/second-factor"
    later = code_of(portal.factors["shen"], after_s=30)
    assert second.post("/second-factor", code=later).url.path == "/", (
        "the next one, from a clock that is a little ahead"
    )
    for strange in ("", "12345", "１２３４５６", "abcdef", "0" * 6, code_of(portal.factors["shen"], after_s=300)):
        assert at_the_code(portal, "shen").post("/second-factor", code=strange).status_code == 401, strange
        with Database(portal.home / "portal.sqlite").writing() as connection:
            connection.execute("update accounts set code_failures = 0")


def test_wrong_codes_lock_and_a_right_password_forgives_none(portal: Portal) -> None:
    portal.signed_in("song")
    for _ in range(4):
        assert at_the_code(portal, "song").post("/second-factor", code="000000").status_code == 401
    last = at_the_code(portal, "song")
    last.post("/second-factor", code="000000")
    assert last.get("/").url.path == "/login", "the session in which codes were guessed is over"
    stranger = Browserless(portal.client())
    assert stranger.post("/login", person="song", password=portal.passwords["song"]).status_code == 429
    guo = portal.signed_in("guo")
    assert "song" in guo.get("/security").text
    assert guo.post("/security", person="song", step="unlock").status_code == 200
    portal.signed_in("song")


def test_a_recovery_code_opens_once_and_its_use_is_told(portal: Portal) -> None:
    admin = portal.signed_in("admin")
    page = admin.post("/second-factor/new", step="renew", code=portal.code("admin"))
    secret = re.search(r'class="secret">([^<]+)<', page.text)
    assert secret
    portal.factors["admin"] = portal_site.secret_of(secret[1])
    page = admin.post("/second-factor/new", step="confirm", code=code_of(portal.factors["admin"]))
    codes = re.findall(r'class="secret">([^<]+)<', page.text)
    assert len(set(codes)) == portal_site.RECOVERY_CODES
    opened = Browserless(portal.client())
    opened.post("/login", person="admin", password=portal.passwords.get("admin", portal.admin_password))
    assert opened.post("/second-factor", code=codes[3].upper()).url.path == "/"
    assert "9" in opened.get("/second-factor/new").text
    again = Browserless(portal.client())
    again.post("/login", person="admin", password=portal.passwords.get("admin", portal.admin_password))
    assert again.post("/second-factor", code=codes[3]).status_code == 401
    assert "recovery_code_given" in acts(portal)


def test_a_new_phone_is_taken_with_a_code_of_the_old_one_only(portal: Portal) -> None:
    shen = portal.signed_in("shen")
    assert shen.post("/second-factor/new", step="renew", code="000000").status_code == 401
    assert shen.post("/second-factor/new", step="confirm", code="000000").text.count("<img") == 0, "nothing is offered"
    before = portal.factors["shen"]
    page = shen.post("/second-factor/new", step="renew", code=portal.code("shen"))
    assert "data:image/svg+xml" in page.text
    assert at_the_code(portal, "shen").post("/second-factor", code=portal.code("shen")).url.path == "/", (
        "until the new one is tried, the old one counts"
    )
    found = re.search(r'class="secret">([^<]+)<', page.text)
    assert found
    portal.factors["shen"] = portal_site.secret_of(found[1])
    shen.post("/second-factor/new", step="confirm", code=code_of(portal.factors["shen"]))
    assert at_the_code(portal, "shen").post("/second-factor", code=code_of(before, 30)).status_code == 401
    portal.signed_in("shen")


def test_nobody_alone_takes_over_an_account(portal: Portal) -> None:
    """Who keeps passwords keeps no factors, who keeps factors no passwords, and nobody his own."""
    portal.signed_in("shen")
    admin, guo = portal.signed_in("admin"), portal.signed_in("guo")
    assert admin.get("/security").status_code == 404
    assert admin.post("/security", person="shen", step="remove_factor").status_code == 404
    assert guo.get("/accounts").status_code == 404
    assert guo.post("/security", person="guo", step="remove_factor").status_code == 403
    shen = at_the_code(portal, "shen")
    shen.post("/second-factor", code=portal.code("shen"))
    assert guo.post("/security", person="shen", step="remove_factor").status_code == 200
    assert shen.get("/").url.path == "/login", "sessions of before ended"
    del portal.factors["shen"]
    portal.signed_in("shen")
    assert "shen" in portal.factors, "a new one was asked for at the next sign-in"
    told = [line for line in portal_site.audit_lines(portal.home) if line["act"] == "account_remove_factor"]
    assert [(line["person_id"], line["subject"], line["organization_id"]) for line in told] == [("guo", "shen", "mill")]


def test_sessions_are_seen_and_ended_by_their_owner_alone(portal: Portal) -> None:
    one, other, stranger = portal.signed_in("li"), portal.signed_in("li"), portal.signed_in("wang")
    page = one.get("/sessions").text
    numbers = re.findall(r'name="session" value="(\w+)"', page)
    assert numbers
    assert stranger.post("/sessions", session=numbers[0]).status_code == 404
    for number in numbers:
        one.get("/sessions")
        one.post("/sessions", session=number)
    assert other.get("/").url.path == "/login"
    assert one.get("/").url.path == "/"


def test_accounts_are_reviewed_and_unused_ones_close(portal: Portal) -> None:
    portal.signed_in("wang")
    guo = portal.signed_in("guo")
    with Database(portal.home / "portal.sqlite").writing() as connection:
        connection.execute("insert into accounts (person_id, password, changed_at) values ('gone', 'x', '2020-01-01')")
        connection.execute("update accounts set changed_at = '2020-01-01' where person_id = 'wang'")
        connection.execute("update last_sign_ins set at = '2020-02-02' where person_id = 'wang'")
    page = guo.get("/security").text
    for doubt in ("不在 people.csv 中", "长期未用", "复核到期"):
        assert doubt in page
    guo.post("/security", person="wang", step="review")
    assert guo.get("/security").text.count("复核到期") == page.count("复核到期") - 1
    stranger = Browserless(portal.client())
    answer = stranger.post("/login", person="wang", password=portal.passwords["wang"])
    assert answer.status_code == 403
    assert "重新开通" in answer.text
    assert stranger.post("/login", person="wang", password="wrong").status_code == 401, "a guesser is not told so"
    del portal.passwords["wang"]
    portal.signed_in("wang")


def test_a_lost_phone_is_no_lost_plant(portal: Portal, tmp_path: Path) -> None:
    """Break-glass: at the machine itself, with a reason that the audit log keeps."""
    portal.signed_in("admin")
    environment = {"NENGTAN_PORTAL_HOME": str(portal.home), "PATH": ""}
    command = [sys.executable, "-m", "pipelines.cli.main", "portal", "rescue", "--site", str(portal.site)]

    def rescue(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*command, *words], cwd=portal_site.ROOT, env=environment, capture_output=True, text=True, check=False
        )

    unknown = rescue("nobody", "--reason", "x")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    done = rescue("admin", "--reason", "phone in the lake, ticket 17")
    found = re.search(r"password (\S+)", done.stdout)
    assert found, done.stderr
    portal.passwords["admin"] = found[1]
    portal.factors.pop("admin")
    portal.signed_in("admin")
    assert "admin" in portal.factors
    told = [line for line in portal_site.audit_lines(portal.home) if line["act"] == "account_rescued"]
    assert [(line["subject"], line["detail"]) for line in told] == [("admin", "phone in the lake, ticket 17")]
    zhang = portal.signed_in("zhang")
    assert "ticket 17" in zhang.get("/audit").text, "who audits the whole site reads what was done at the machine"


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_a_factor_is_enrolled_in_a_browser(portal: Portal, browser: Browser, device: str) -> None:
    """The picture is drawn here and shows under a policy that loads nothing; in both languages, on desk and phone."""
    person, language = ("song", "zh") if device == "desk" else ("zhang", "en")
    portal.signed_in(person)
    with Database(portal.home / "portal.sqlite").writing() as connection:
        connection.execute("delete from second_factors where person_id = ?", (person,))
    size = {"width": 1440, "height": 900} if device == "desk" else {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, ignore_https_errors=True, is_mobile=device == "phone")  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{portal.address}/language/{language}?next=/login")
    page.fill("input[name=person]", person)
    page.fill("input[name=password]", portal.passwords[person])
    page.click("main button")
    page.wait_for_selector("img.qr")
    assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 100
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"portal-enrol-{device}-{language}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.click("summary")
    portal.factors[person] = portal_site.secret_of(page.inner_text("code.secret"))
    page.fill("input[name=code]", code_of(portal.factors[person]))
    page.click("button[name=step]")
    page.wait_for_selector(".codes")
    page.screenshot(path=str(PICTURES / f"portal-codes-{device}-{language}.png"), full_page=True)
    page.click("a.first")
    page.wait_for_selector("nav")
    page.goto(f"{portal.address}/sessions")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.screenshot(path=str(PICTURES / f"portal-sessions-{device}-{language}.png"), full_page=True)
    assert complaints == []
    context.close()
