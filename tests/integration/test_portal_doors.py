"""What the portal keeps closed: to strangers, to another organisation's people, to forged forms, to two at once."""

import hashlib
import io
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import process_time

import pytest
from openpyxl import load_workbook
from starlette.applications import Starlette
from starlette.routing import Route

from tests.integration import portal_site
from tests.integration.portal_pages import workbook_of
from tests.integration.portal_site import Browserless, Portal

pytestmark = pytest.mark.integration
SHEET = "/sheets/production/mill/2025-01"
SENT = {"r1.product_id": "clinker", "r1.quantity": "1000", "r1.unit": "t", "r1.energy_unit_id": "mill_root"}


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[Portal, Starlette]]:
    with portal_site.in_thread(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="module")
def portal(served: tuple[Portal, Starlette]) -> Portal:
    return served[0]


@pytest.fixture(scope="module")
def marked(portal: Portal) -> str:
    """The first organisation has a sheet with a document, and a workbook with faults; returns where that is kept."""
    li = portal.signed_in("li")
    li.step(SHEET, "save", **SENT)
    assert li.post(f"{SHEET}/attach", {"document": ("report.pdf", b"%PDF-1")}).status_code == 200
    assert li.get(f"{SHEET}/documents/report.pdf").content == b"%PDF-1"
    page = li.post("/upload", {"workbook": ("production.xlsx", workbook_of([{"quantity": "many"}]))}, kind="production")
    found = re.search(r"/upload/marked/([\w-]+)", page.text)
    assert found
    assert li.get(found[0]).status_code == 200
    return found[1]


#: Addresses that name no organisation: what another's person gets of the first one's there.
_SHOWS_OWN = ("/", "/upload", "/templates/{kind}", "/instruments", "/handles", "/alerts", "/audit", "/api/sheets")
_SUPPLY = ("/suppliers", "/customers")
_CLOSED = ("/months", "/periods", "/accounts", "/security")
_EVERYBODY = ("/login", "/login/begin", "/login/back", "/logout", "/language/{language}", "/password")
#: What everybody has of his own; test_second_factor.py says that it is nobody else's.
_OWN = ("/second-factor", "/second-factor/new", "/sessions")
#: For the dashboards, where some are served; test_sign_on.py says what they get.
_SIGN_ON = ("/.well-known/openid-configuration", "/sign-on/keys", "/sign-on/token", "/sign-on/authorize")


def test_a_second_organisation_reaches_nothing_by_any_address(served: tuple[Portal, Starlette], marked: str) -> None:
    """Every address of the application, later ones too: with the first one's ids each answers as if it were not."""
    portal, application = served
    other = portal.signed_in("wang")
    named = {
        "kind": "production",
        "organization": "mill",
        "month": "2025-01",
        "name": "report.pdf",
        "word": marked,
        "digest": hashlib.sha256(b"%PDF-1").hexdigest(),
        "handle": "88.999.2/M.m_mill",
        "alert": "0" * 16,
        "closing": "0" * 12,
        "line": "carbon.emissions_monthly/2025-01-01/mill",
        "point": "mill_main",
        "batch": "0" * 64,
        "entry": "0" * 32,
        "material": "lime",
        "key": "0" * 32,
    }
    tried = 0
    for route in application.routes:
        if not isinstance(route, Route) or route.path in (*_EVERYBODY, *_OWN, *_SIGN_ON, *_SHOWS_OWN, *_SUPPLY):
            continue
        path = route.path.replace(":path}", "}").format(**named)
        assert path != route.path or path in _CLOSED, f"{path} names nothing: say what others get there"
        for method in sorted({"GET", "POST"} & (route.methods or set())):
            tried += 1
            if method == "GET":
                assert other.get(path).status_code == 404, path
                continue
            for step in ("save", "submit", "review", "approve", "correct", "close", "open", "disable", "explain:x"):
                other.get("/")
                answer = other.post(
                    path,
                    {"document": ("a.pdf", b"%PDF")},
                    step=step,
                    revision="1.1",
                    person="li",
                    organization="mill",
                    month="2025-01",
                    words="because",
                )
                assert answer.status_code == 404, f"{path} {step}"
    assert tried >= 12
    for step in ("make", "revoke", "remind"):
        other.get("/")
        assert other.post("/suppliers", step=step, supplier="lime_works", organization="mill").status_code == 404, step
    for path in (*_SHOWS_OWN, *_SUPPLY, "/api/sheets?organization=mill", "/?to=2025-02"):
        answer = other.get(path.format(**named))
        assert answer.status_code == 200, path
        assert not re.search(rb"mill|kiln|\xe4\xb8\x9c\xe5\xb1\xb1", _unpacked(answer.content)), path
    home = other.get("/")
    assert "西河钢厂" in home.text


def _unpacked(content: bytes) -> bytes:
    """A workbook's cells as text, anything else as it is."""
    if not content.startswith(b"PK"):
        return content
    cells = (str(cell) for sheet in load_workbook(io.BytesIO(content)) for row in sheet.values for cell in row)
    return "\n".join(cells).encode()


def test_what_is_anothers_and_what_is_not_there_are_answered_alike(portal: Portal, marked: str) -> None:
    other = portal.signed_in("wang")
    strange, foreign = other.get("/sheets/production/nobody/2025-01"), other.get(SHEET)
    assert re.sub(r"nobody|mill", "", strange.text) == re.sub(r"nobody|mill", "", foreign.text)


def test_a_workbook_with_anothers_rows_is_kept_nowhere(portal: Portal, marked: str) -> None:
    line = {"product_id": "p", "month": "2024-05", "quantity": 1, "unit": "t"}
    rows = [
        {"organization_id": owner, "energy_unit_id": unit, **line}
        for owner, unit in (("steel", "furnace"), ("mill", "kiln"))
    ]
    other = portal.signed_in("wang")
    other.get("/upload")
    answer = other.post("/upload", {"workbook": ("production.xlsx", workbook_of(rows))}, kind="production")
    assert answer.status_code == 422
    assert "A3" in answer.text
    for person in ("wang", "li"):
        assert [one for one in portal.signed_in(person).get("/api/sheets").json() if one["month"] == "2024-05"] == []


def test_who_has_not_signed_in_gets_nothing(served: tuple[Portal, Starlette]) -> None:
    portal, application = served
    stranger = Browserless(portal.client())
    for route in application.routes:
        if isinstance(route, Route) and route.path not in ("/login", "/language/{language}"):
            path = re.sub(r"\{\w+\}", "mill", route.path.replace("{handle:path}", "88.999.2/M.m_mill"))
            if path in _SIGN_ON[:3]:
                assert stranger.client.request(min(route.methods or set()), path).status_code == 404, path
                continue
            if "handles/" in path or path in ("/login/begin", "/login/back"):  # no provider
                assert stranger.get(path).status_code == 404, path
                continue
            if path.startswith("/answer/"):  # open to who has the word, which nobody guesses
                for method in sorted({"GET", "POST"} & (route.methods or set())):
                    assert stranger.client.request(method, path).status_code == 404, path
                continue
            is_api = path.startswith("/api/")
            if "GET" in (route.methods or set()):
                answer = stranger.get(path)
                assert (answer.status_code, answer.url.path) == ((401, path) if is_api else (200, "/login")), path
            if "POST" in (route.methods or set()):
                answer = stranger.post(path, step="submit")
                assert (answer.status_code, answer.url.path) == ((401, path) if is_api else (200, "/login")), path
    assert stranger.get("/login").headers["content-security-policy"].startswith("default-src 'none'")


def test_an_identifier_is_resolved_as_a_handle_proxy_answers(portal: Portal) -> None:
    """The shape is that of the REST interface of Handle.Net's proxy: response code, handle, values."""
    stranger, li = Browserless(portal.client()), portal.signed_in("li")
    answer = stranger.get("/api/handles/88.999.3/p.CRUDE_steel")
    assert answer.status_code == 200
    record = answer.json()
    assert (record["responseCode"], record["handle"]) == (1, "88.999.3/P.crude_steel"), "in either case of letters"
    assert [value["index"] for value in record["values"]] == list(range(1, len(record["values"]) + 1))
    assert all(set(value) == {"index", "type", "data", "ttl", "timestamp"} for value in record["values"])
    said = {value["type"]: value["data"] for value in record["values"]}
    assert said["SUBJECT_ID"] == {"format": "string", "value": "crude_steel"}
    assert said["REGISTERED_WITH"]["value"] == "none", "nothing claims a node that was not asked"
    chosen = stranger.get("/api/handles/88.999.3/P.crude_steel?type=SUBJECT_KIND&index=2").json()["values"]
    assert [value["type"] for value in chosen] == ["SUBJECT_KIND", "SUBJECT_ID"]
    assert stranger.get("/api/handles/88.999.3/P.crude_steel?type=URL").json()["responseCode"] == 200
    codes = {"88.999.2/M.m_mill": (404, 100), "88.999.9/none": (404, 100), "89.1/x": (400, 102), "x": (400, 102)}
    for handle, (status, code) in codes.items():
        answer = stranger.get(f"/api/handles/{handle}")
        assert (answer.status_code, answer.json()) == (status, {"responseCode": code, "handle": handle})
    assert li.get("/api/handles/88.999.2/M.m_mill").json()["responseCode"] == 1, "one's own, signed in"
    assert "88.999.2/M.m_mill" in li.get("/handles").text
    assert "m_mill" in li.get("/handles/88.999.2/m.m_mill").text


def test_a_form_of_another_page_is_refused(portal: Portal) -> None:
    session = portal.signed_in("li")
    session.csrf = "guessed"
    assert session.post(SHEET, step="save", revision="").status_code == 403
    session.get("/")
    answer = session.client.post("/logout", data={"csrf": session.csrf}, headers={"origin": "http://elsewhere.example"})
    assert answer.status_code == 403


def test_wrong_passwords_lock_the_account(portal: Portal) -> None:
    portal.signed_in("guo")
    stranger = Browserless(portal.client())
    said = [stranger.post("/login", person="guo", password="wrong").status_code for _ in range(6)]
    assert said == [401] * 5 + [429]
    assert stranger.post("/login", person="guo", password=portal.passwords["guo"]).status_code == 429


def test_of_two_who_judge_at_once_one_does(portal: Portal) -> None:
    """Six sheets, two people for each step at the same instant: one passes, the other is told that it has changed."""
    hands = [portal.signed_in("shen"), portal.signed_in("song")]
    li = portal.signed_in("li")
    for month in range(1, 7):
        where = f"/sheets/production/mill/2024-{month:02d}"
        li.step(where, "submit", **SENT)
        for step in ("review", "approve"):
            answers = _at_once(hands, where, step)
            assert sorted(answers) == [200, 409], (where, step)
        assert li.get(f"/api{where}").json()["state"] == "approved"
    lines = portal.lines("production")
    assert sorted(line["month"].month for line in lines if line["month"].year == 2024) == [1, 2, 3, 4, 5, 6]


def _at_once(hands: list[Browserless], where: str, step: str) -> list[int]:
    """Let all look at a sheet, then all take the step together."""
    revisions = [hand.revision(where) for hand in hands]
    together = threading.Barrier(len(hands))

    def take(hand: Browserless, revision: str) -> int:
        together.wait(120)
        return hand.post(where, step=step, revision=revision).status_code

    with ThreadPoolExecutor(len(hands)) as pool:
        return list(pool.map(take, hands, revisions))


def test_a_workbook_of_ten_thousand_lines_names_every_wrong_cell(portal: Portal, record_property) -> None:
    rows: list[dict[str, object]] = [
        {
            "organization_id": "mill",
            "energy_unit_id": "kiln",
            "product_id": f"clinker_{number % 100}",
            "month": f"{2000 + number // 1200}-{number // 100 % 12 + 1:02d}",
            "quantity": number + 0.5,
            "unit": "t",
        }
        for number in range(10_000)
    ]
    rows[4321]["quantity"] = "many"
    rows[9999]["unit"] = "tt"
    rows[77] |= {"organization_id": "steel", "energy_unit_id": "furnace"}
    session = portal.signed_in("li")
    session.get("/upload")
    headers = {"accept": "application/json"}
    sent = {"workbook": ("production.xlsx", workbook_of(rows))}
    begun = process_time()
    answer = session.client.post(
        "/upload", data={"csrf": session.csrf, "kind": "production"}, files=sent, headers=headers
    )
    record_property("cpu_s", process_time() - begun)
    assert answer.status_code == 422
    assert [(fault["cell"], fault["column"]) for fault in answer.json()["faults"]] == [
        ("A79", "organization_id"),
        ("B79", "energy_unit_id"),
        ("E4323", "quantity"),
        ("F10001", "unit"),
    ]
    assert [one for one in session.get("/api/sheets").json() if one["month"] < "2020"] == [], "nothing was kept"
    # a page with faults leads to the same workbook with a comment at each wrong cell
    short = {"workbook": ("production.xlsx", workbook_of([rows[4321], rows[0]]))}
    page = session.post("/upload", short, kind="production")
    word = re.search(r"/upload/marked/([\w-]+)", page.text)
    assert word
    marked = load_workbook(io.BytesIO(session.get(word[0]).content)).worksheets[0]
    assert "“many”" in marked["E2"].comment.text
