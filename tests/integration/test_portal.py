"""The entry portal in a real browser, desk and phone, Chinese and English: enter, review, approve, lock, correct; what
was approved is in the marts after the next run, once, and says who stands for it. Pictures go to build/screens.
"""

import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from deltalake import DeltaTable
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser, Page, sync_playwright

from ingestion.portal.kinds import kinds
from lake import tablerows
from tests.integration import portal_site
from tests.integration.portal_site import ROOT, Portal

pytestmark = pytest.mark.integration
PICTURES = ROOT / "build/screens"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]
SHEET = "/sheets/production/mill/2025-01"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[Portal]:
    with portal_site.running(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: scripts/system_packages.sh installs it")
        pytest.skip("chromium is missing: scripts/system_packages.sh installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@contextmanager
def page_of(
    browser: Browser, portal: Portal, person: str, device: str = "desk", language: str = "zh"
) -> Iterator[Page]:
    """A page of somebody signed in, on a desk or a phone; no complaint of the browser is tolerated."""
    portal.signed_in(person)  # opens the account where there is none
    width, height = SIZES[device]
    context = browser.new_context(viewport={"width": width, "height": height}, is_mobile=device == "phone")
    context.set_default_timeout(120_000)
    page = context.new_page()
    complaints: list[str] = []
    # a page that shows faults answers 422, which the browser notes; everything else it notes is a fault of ours
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" and "422" not in said.text else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{portal.address}/login")
    page.fill("input[name=person]", person)
    page.fill("input[name=password]", portal.passwords[person])
    page.click("main button")
    page.wait_for_selector("nav")
    page.goto(f"{portal.address}/language/{language}?next=/")
    yield page
    assert complaints == []
    context.close()


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"portal-{name}.png"), full_page=True)
    width = page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the screen"


def press(page: Page, step: str) -> None:
    page.click(f"button[name=step][value={step}]")
    page.wait_for_load_state()


def stands(page: Page) -> str:
    return page.inner_text(".way .here")


def intensities(portal: Portal) -> list[tuple[object, ...]]:
    return portal.sql(
        "select organization_id, quantity from energy.intensity_monthly "
        "where basis = 'product' and convention = 'calorific' order by 1"
    )


def test_from_a_draft_to_the_mart_and_its_correction(portal: Portal, browser: Browser) -> None:
    portal.run()
    assert intensities(portal) == [("mill", Decimal(1000)), ("steel", Decimal(500))]

    with page_of(browser, portal, "li", "phone") as page:
        picture(page, "home-phone-zh")
        page.goto(portal.address + SHEET)
        assert page.input_value("input[name='r1.quantity']") == "1000", "the file's row is proposed"
        page.fill("input[name='r1.quantity']", "12x")
        press(page, "submit")
        assert "“12x”不是数字" in page.inner_text(".why")
        picture(page, "fault-phone-zh")
        page.fill("input[name='r1.quantity']", "1250.5")
        press(page, "submit")
        assert stands(page) == "已提交"
        assert page.locator("button[value=review]").count() == 0, "who wrote it does not review it"
        picture(page, "submitted-phone-zh")

    with page_of(browser, portal, "shen", "desk", "en") as page:
        assert page.locator(".tasks a").count() == 1
        picture(page, "home-desk-en")
        page.click(".tasks a")
        page.fill("textarea[name=words]", "agrees with the weighbridge")
        press(page, "review")
        press(page, "approve")
        assert stands(page) == "Approved"
        assert "In the lake" in page.inner_text("main")
        picture(page, "approved-desk-en")
        page.goto(f"{portal.address}/months?to=2025-03")
        row = page.locator("tr", has_text="2025-01")
        row.locator("button[value=close]").click()
        picture(page, "months-desk-en")

    ran = portal.run()
    assert ran["published"]
    assert intensities(portal) == [("mill", Decimal("1250.5")), ("steel", Decimal(500))]
    assert portal.run()["rows_read"] == 0

    with page_of(browser, portal, "li", "desk") as page:
        page.goto(portal.address + SHEET)
        assert page.locator("button[name=step]").count() == 0, "a closed month is locked"
        assert "已结账" in page.inner_text(".way")
        picture(page, "closed-desk-zh")
    with page_of(browser, portal, "shen", "phone", "en") as page:
        page.goto(f"{portal.address}/months?to=2025-03")
        picture(page, "months-phone-en")
        row = page.locator("tr", has_text="2025-01").first
        row.locator("input[name=words]").fill("the weighbridge was recalibrated")
        row.locator("button[value=reopen]").click()
        page.wait_for_load_state()
    with page_of(browser, portal, "li", "desk") as page:
        page.goto(portal.address + SHEET)
        page.fill("textarea[name=words]", "地磅复检，按复检结果更正")
        press(page, "correct")
        page.fill("input[name='r1.quantity']", "1240")
        press(page, "submit")
        assert "第 2 版" in page.inner_text(".way")
        picture(page, "correction-desk-zh")
    with page_of(browser, portal, "shen", "phone", "zh") as page:
        page.goto(portal.address + SHEET)
        press(page, "review")
        press(page, "approve")
        picture(page, "approved-phone-zh")

    portal.run()
    assert intensities(portal)[0] == ("mill", Decimal(1240))
    lines = tablerows.read(portal.lake / "raw/forms__entry").sort_by("version").to_pylist()
    assert [(line["version"], line["entered_by"], line["approved_by"]) for line in lines] == [
        (1, "li", "shen"),
        (2, "li", "shen"),
    ]
    assert lines[1]["reason"] == "地磅复检，按复检结果更正"
    current = DeltaTable(str(portal.lake / "ref/production")).to_pyarrow_table().sort_by("known_at").to_pylist()
    entry = next(row["entry"] for row in reversed(current) if row["organization_id"] == "mill")
    assert entry == f"{lines[1]['entry_id']}/2", "a number of the mart is traced to its version"
    assert (portal.lake / "payloads" / lines[1]["batch_id"][:2]).is_dir()


def test_a_second_organisation_sees_and_reaches_nothing(portal: Portal) -> None:
    other = portal.signed_in("wang")
    home = other.get("/")
    assert "西河钢厂" in home.text
    assert "东山水泥厂" not in home.text
    for path in (SHEET, f"{SHEET}/workbook", f"/api{SHEET}", f"{SHEET}/documents/report.pdf", "/months", "/accounts"):
        assert other.get(path).status_code == 404, path
    assert other.get("/api/sheets").json() == []
    for step in ("save", "submit", "review", "approve", "correct"):
        assert other.post(SHEET, step=step, revision="1.1").status_code == 404, step
    assert other.post(f"{SHEET}/attach", {"document": ("a.pdf", b"%PDF")}).status_code == 404
    # what does not exist and what is another's are answered alike
    strange, foreign = other.get("/sheets/production/nobody/2025-01"), other.get(SHEET)
    assert re.sub(r"nobody|mill", "", strange.text) == re.sub(r"nobody|mill", "", foreign.text)
    assert "mill" not in other.get("/audit").text.replace(f"{SHEET}", "")


def test_who_has_not_signed_in_gets_nothing(portal: Portal) -> None:
    stranger = portal_site.Browserless(portal.client())
    for path in ("/", SHEET, "/upload", "/audit", "/accounts", "/templates/production"):
        assert stranger.get(path).url.path == "/login", path
    assert stranger.get(f"/api{SHEET}").status_code == 401
    assert stranger.post(SHEET, step="submit").url.path == "/login"
    assert stranger.get("/login").headers["content-security-policy"].startswith("default-src 'none'")


def test_a_form_of_another_page_is_refused(portal: Portal) -> None:
    session = portal.signed_in("li")
    session.csrf = "guessed"
    assert session.post(SHEET, step="save", revision="").status_code == 403
    session = portal.signed_in("li")
    session.get("/")
    answer = session.client.post("/logout", data={"csrf": session.csrf}, headers={"origin": "http://elsewhere.example"})
    assert answer.status_code == 403


def test_wrong_passwords_lock_the_account(portal: Portal) -> None:
    portal.signed_in("guo")
    stranger = portal_site.Browserless(portal.client())
    said = [stranger.post("/login", person="guo", password="wrong").status_code for _ in range(6)]
    assert said == [401] * 5 + [429]
    assert stranger.post("/login", person="guo", password=portal.passwords["guo"]).status_code == 429


def workbook_of(rows: list[dict[str, object]], kind: str = "production") -> bytes:
    """Fill a template in as a spreadsheet would: numbers as numbers."""
    names = [column.name for column in kinds()[kind].uploaded]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(names)
    for row in rows:
        sheet.append([row.get(name) for name in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_of_ten_thousand_lines_names_every_wrong_cell(portal: Portal) -> None:
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
    answer = session.client.post(
        "/upload", data={"csrf": session.csrf, "kind": "production"}, files=sent, headers=headers
    )
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
    page = session.client.post("/upload", data={"csrf": session.csrf, "kind": "production"}, files=short)
    word = re.search(r"/upload/marked/([\w-]+)", page.text)
    assert word
    marked = load_workbook(io.BytesIO(session.get(word[0]).content)).worksheets[0]
    assert "“many”" in marked["E2"].comment.text
    assert portal.signed_in("wang").get(word[0]).status_code == 404


def test_from_a_filled_template_to_the_mart(portal: Portal, browser: Browser) -> None:
    with page_of(browser, portal, "wang", "desk") as page:
        page.goto(f"{portal.address}/upload")
        picture(page, "upload-desk-zh")
        with page.expect_download() as waiting:
            page.click("a[href='/templates/production']")
        book = load_workbook(io.BytesIO(Path(waiting.value.path()).read_bytes()))
        sheet = book["production"]
        heads = [cell.value for cell in sheet[1]]
        row = {
            "organization_id": "steel",
            "energy_unit_id": "steel_root",
            "product_id": "crude_steel",
            "month": "2025-01",
        }
        for place, name in enumerate(heads, start=1):
            sheet.cell(3, place, {**row, "quantity": 640, "unit": "t"}.get(name))
        sheet.cell(4, 1, "mill")
        filled = portal.site.parent / "filled.xlsx"
        book.save(filled)
        page.set_input_files("input[name=workbook]", str(filled))
        page.click("main form button")
        page.wait_for_selector("table.plain")
        assert "A4" in page.inner_text("table.plain"), "another's organisation is a fault at its cell"
        picture(page, "upload-faults-desk-zh")
        sheet.delete_rows(4)
        book.save(filled)
        page.set_input_files("input[name=workbook]", str(filled))
        page.click("main form button")
        page.click(".tasks a")
        page.set_input_files(
            "input[name=document]", {"name": "磅单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1"}
        )
        page.click("form[action$=attach] button")
        press(page, "submit")
        assert stands(page) == "已提交"
    boss = portal.signed_in("zhang")
    sheet_of_steel = "/sheets/production/steel/2025-01"
    for step in ("review", "approve"):
        page_text = boss.get(sheet_of_steel).text
        revision = re.search(r'name="revision" value="([^"]*)"', page_text)
        assert revision
        assert boss.post(sheet_of_steel, step=step, revision=revision[1]).status_code == 200
    portal.run()
    assert intensities(portal)[1] == ("steel", Decimal(640))
    line = tablerows.read(portal.lake / "raw/forms__entry").sort_by("known_at").to_pylist()[-1]
    assert (line["organization_id"], line["entered_by"], line["approved_by"]) == ("steel", "wang", "zhang")
    document = json.loads(line["attachments"])["磅单.pdf"]
    assert document == f"{hashlib.sha256(b'%PDF-1').hexdigest()}.pdf"
    assert (portal.lake / "payloads" / document[:2] / document).read_bytes() == b"%PDF-1"


def test_what_a_rule_doubts_is_explained_before_it_is_reviewed(portal: Portal, browser: Browser) -> None:
    where = "/sheets/finance/mill/2025-01"
    with page_of(browser, portal, "li", "desk") as page:
        page.goto(portal.address + where)
        page.select_option("select[name='r1.item']", "output_value")
        page.fill("input[name='r1.quantity']", "98000")
        page.fill("input[name='r1.unit']", "10kCNY")
        press(page, "submit")
        assert "98000 超出合理范围" in page.inner_text(".doubts")
        picture(page, "doubt-desk-zh")
    shen = portal.signed_in("shen")
    revision = re.search(r'name="revision" value="([^"]*)"', shen.get(where).text)
    assert revision
    assert shen.post(where, step="review", revision=revision[1]).status_code == 409
    with page_of(browser, portal, "li", "phone", "en") as page:
        page.click(".tasks a:has(.doubt)")
        page.fill(".doubts input", "a prepaid yearly contract, see the attached invoice")
        page.click(".doubts button[value^=explain]")
        assert "prepaid yearly contract" in page.inner_text(".doubts .settled")
        picture(page, "doubt-phone-en")
    assert shen.post(where, step="review", revision=revision[1]).status_code == 200
    assert shen.get(f"/api{where}").json()["state"] == "reviewed"


def test_a_meter_read_by_hand_is_a_reading_like_any_other(portal: Portal) -> None:
    """Two readings a day apart, then a correction of the second and a third taken back."""
    li, shen, where = portal.signed_in("li"), portal.signed_in("shen"), "/sheets/readings/mill/2025-01"

    def approved(rows: list[tuple[str, str]], correct: bool) -> None:
        revision = re.search(r'name="revision" value="([^"]*)"', li.get(where).text)
        assert revision
        if correct:
            li.post(where, step="correct", revision=revision[1], words="read wrongly")
            revision = re.search(r'name="revision" value="([^"]*)"', li.get(where).text)
            assert revision
        cells = {f"r{n}.reading_at": at for n, (at, _) in enumerate(rows, 1)}
        cells |= {f"r{n}.value": value for n, (_, value) in enumerate(rows, 1)}
        cells |= {f"r{n}.point_id": "kiln_hand" for n in range(1, len(rows) + 1)}
        assert "trouble" not in li.post(where, step="submit", revision=revision[1], **cells).text
        for step in ("review", "approve"):
            revision = re.search(r'name="revision" value="([^"]*)"', shen.get(where).text)
            assert revision
            shen.post(where, step=step, revision=revision[1])

    approved([("2025-01-01T08:00", "100"), ("2025-01-02T08:00", "180"), ("2025-01-02T12:00", "999")], correct=False)
    approved([("2025-01-01T08:00", "100"), ("2025-01-02T08:00", "190")], correct=True)
    found = tablerows.read(portal.lake / "raw/forms__reading").sort_by(
        [("reading_at", "ascending"), ("known_at", "ascending")]
    )
    assert [(int(row["value"]), row["status"]) for row in found.to_pylist()] == [
        (100, "good"),
        (180, "good"),
        (190, "good"),
        (999, "good"),
        (999, "bad_withdrawn"),
    ]
    portal.run()
    used = portal.sql("select sum(quantity) from energy.consumption_daily where energy_unit_id = 'kiln'")
    assert used == [(Decimal(90),)]
    ways = portal.sql(
        "select way, items_count, share_ratio from quality.acquisition_monthly "
        "where organization_id = 'mill' and month = '2025-01-01' order by way"
    )
    # the metered point comes by files; the point read by hand and the line of production by people
    assert ways == [("file", 1, Decimal("0.333333")), ("manual", 2, Decimal("0.666667"))]
