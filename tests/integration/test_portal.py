"""The entry portal in a real browser, desk and phone, Chinese and English: enter, review, approve, lock, correct; what
was approved is in the marts after the next run, once, and says who stands for it. Pictures go to build/screens.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from deltalake import DeltaTable
from openpyxl import load_workbook
from playwright.sync_api import Browser

from lake import tablerows
from tests.integration import portal_site
from tests.integration.portal_pages import page_of, picture, press, stands
from tests.integration.portal_site import Portal

pytestmark = pytest.mark.integration
SHEET = "/sheets/production/mill/2025-01"


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[Portal]:
    with portal_site.running(tmp_path_factory.mktemp("portal")) as running:
        yield running


def intensities(portal: Portal) -> list[tuple[object, ...]]:
    return portal.sql(
        "select organization_id, quantity from energy.intensity_monthly "
        "where basis = 'product' and convention = 'calorific' order by 1"
    )


def test_from_an_entry_to_the_mart_and_its_correction(portal: Portal, browser: Browser) -> None:
    """Two runs: one after the first approval, one after a correction, a workbook and meters read by hand."""
    enter_and_approve(portal, browser)
    assert portal.run()["published"]
    assert intensities(portal) == [("mill", Decimal("1250.5")), ("steel", Decimal(500))], "the files say 1000 and 500"

    acknowledge_an_alert(portal, browser)
    correct_a_closed_month(portal, browser)
    send_a_workbook(portal, browser)
    read_meters_by_hand(portal)
    explain_a_doubt(portal, browser)
    leave_one_open_and_mend_another(portal)
    ran = portal.run()
    assert ran["rows_read"] == 7, "five readings by hand and two lines of sheets are new, nothing else"
    assert intensities(portal) == [("mill", Decimal(1240)), ("steel", Decimal(640))]
    assert portal.sql("select organization_id, state, acknowledged_by, remark from energy.alerts order by 1") == [
        ("mill", "acknowledged", "li", "风机已停"),
        ("steel", "open", None, None),
    ]
    _traced(portal)
    assert portal.sql(
        "select state, owner, closed_by, closing_reason, message_zh from quality.findings "
        "where kind = 'entry_doubted' order by message_zh"
    ) == [
        (
            "closed",
            "li",
            "li",
            "a prepaid yearly contract, see the attached invoice",
            "finance 2025-01 第 1 行：output_value 98000 超出合理范围 – … 50000；请核对后说明理由或改正。",
        ),
        (
            "open",
            "song",
            None,
            None,
            "finance 2025-02 第 1 行：output_value 60000 超出合理范围 – … 50000；请核对后说明理由或改正。",
        ),
        (
            "closed",
            "li",
            None,
            "已改正后重新提交 / corrected and submitted again",
            "finance 2025-02 第 1 行：output_value 98000 超出合理范围 – … 50000；请核对后说明理由或改正。",
        ),
    ]
    used = portal.sql("select sum(quantity) from energy.consumption_daily where energy_unit_id = 'kiln'")
    assert used == [(Decimal(90),)]
    ways = portal.sql(
        "select way, items_count, share_ratio from quality.acquisition_monthly "
        "where organization_id = 'mill' and month = '2025-01-01' order by way"
    )
    # the metered point comes by files; the point read by hand and the line of production by people
    assert ways == [("file", 1, Decimal("0.333333")), ("manual", 2, Decimal("0.666667"))]


def _traced(portal: Portal) -> None:
    """A number of the mart leads to its version, and that to people, reason and documents."""
    lines = tablerows.read(portal.lake / "raw/forms__entry").sort_by("known_at").to_pylist()
    mill = [line for line in lines if (line["organization_id"], line["entity"]) == ("mill", "production")]
    assert [(line["version"], line["entered_by"], line["approved_by"]) for line in mill] == [
        (1, "li", "shen"),
        (2, "li", "shen"),
    ]
    assert mill[1]["reason"] == "地磅复检，按复检结果更正"
    current = DeltaTable(str(portal.lake / "ref/production")).to_pyarrow_table().sort_by("known_at").to_pylist()
    entry = next(row["entry"] for row in reversed(current) if row["organization_id"] == "mill")
    assert entry == f"{mill[1]['entry_id']}/2"
    assert (portal.lake / "payloads" / mill[1]["batch_id"][:2]).is_dir()
    steel = next(line for line in lines if line["organization_id"] == "steel")
    filled = (portal.site.parent / "filled.xlsx").read_bytes()
    assert (steel["workbook_name"], steel["workbook_hash"]) == ("filled.xlsx", hashlib.sha256(filled).hexdigest())
    seen = portal.signed_in("wang").get("/api/sheets/production/steel/2025-01/trace").json()
    assert [(one["is_current"], one["workbook"]["is_unchanged"]) for one in seen] == [(True, True)]
    assert [(row["workbook_line"], float(row["quantity"])) for row in seen[0]["landed"]] == [(3, 640)]
    page = portal.signed_in("wang").get("/sheets/production/steel/2025-01/trace").text
    for said in ("王淑贞", "张衡", "filled.xlsx", steel["workbook_hash"], "未改动", ">640<"):
        assert said in page, said
    sent = portal.signed_in("wang").get(f"/sheets/production/steel/2025-01/workbooks/{steel['workbook_hash']}")
    assert sent.content == filled
    assert (steel["entered_by"], steel["approved_by"]) == ("wang", "zhang")
    document = json.loads(steel["attachments"])["磅单.pdf"]
    assert document == f"{hashlib.sha256(b'%PDF-1').hexdigest()}.pdf"
    assert (portal.lake / "payloads" / document[:2] / document).read_bytes() == b"%PDF-1"


def enter_and_approve(portal: Portal, browser: Browser) -> None:
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


def acknowledge_an_alert(portal: Portal, browser: Browser) -> None:
    with page_of(browser, portal, "li", "phone") as page:
        page.goto(f"{portal.address}/alerts")
        assert page.locator("main tbody tr").count() == 1, "the other works' alert is not shown"
        assert "全厂外购电力日用量自 2025-01-01 起为 240 kWh，限值 200。" in page.inner_text("main")
        picture(page, "alerts-phone-zh")
        page.fill("input[name=words]", "风机已停")
        page.click("main form button")
        page.wait_for_load_state()
        assert "李冶" in page.inner_text("main tbody")
        assert page.locator("main form").count() == 0
    auditor = portal.signed_in("zhang")  # of the park: he sees both, and looks after the steel works only
    seen = auditor.get("/alerts").text
    assert (seen.count("<tr>"), seen.count('action="/alerts/')) == (3, 1)
    ((alert,),) = portal.sql("select alert_id from energy.alerts where organization_id = 'mill'")
    assert auditor.post(f"/alerts/{alert}", words="mine").status_code == 403
    assert portal.signed_in("wang").post(f"/alerts/{alert}", words="mine").status_code == 404


def correct_a_closed_month(portal: Portal, browser: Browser) -> None:
    with page_of(browser, portal, "li", "desk") as page:
        page.goto(portal.address + SHEET)
        assert page.locator("button[name=step]").count() == 0, "a closed month is locked"
        assert "已结账" in page.inner_text(".way")
        picture(page, "closed-desk-zh")
        with page_of(browser, portal, "shen", "phone", "en") as other:
            other.goto(f"{portal.address}/months?to=2025-03")
            picture(other, "months-phone-en")
            row = other.locator("tr", has_text="2025-01").first
            row.locator("input[name=words]").fill("the weighbridge was recalibrated")
            row.locator("button[value=reopen]").click()
            other.wait_for_load_state()
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


def send_a_workbook(portal: Portal, browser: Browser) -> None:
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
    boss, where = portal.signed_in("zhang"), "/sheets/production/steel/2025-01"
    for step in ("review", "approve"):
        assert boss.step(where, step).status_code == 200


def read_meters_by_hand(portal: Portal) -> None:
    """Two readings a day apart, then a correction of the second and a third taken back."""
    li, shen, where = portal.signed_in("li"), portal.signed_in("shen"), "/sheets/readings/mill/2025-01"

    def approved(rows: list[tuple[str, str]]) -> None:
        cells = {f"r{n}.reading_at": at for n, (at, _) in enumerate(rows, 1)}
        cells |= {f"r{n}.value": value for n, (_, value) in enumerate(rows, 1)}
        cells |= {f"r{n}.point_id": "kiln_hand" for n in range(1, len(rows) + 1)}
        assert "trouble" not in li.step(where, "submit", **cells).text
        for step in ("review", "approve"):
            shen.step(where, step)

    approved([("2025-01-01T08:00", "100"), ("2025-01-02T08:00", "180"), ("2025-01-02T12:00", "999")])
    li.step(where, "correct", words="read wrongly")
    approved([("2025-01-01T08:00", "100"), ("2025-01-02T08:00", "190")])
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


def explain_a_doubt(portal: Portal, browser: Browser) -> None:
    """What a rule doubts is explained before it is reviewed."""
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
    assert shen.step(where, "review").status_code == 409
    with page_of(browser, portal, "li", "phone", "en") as page:
        page.click(".tasks a:has(.doubt)")
        page.fill(".doubts input", "a prepaid yearly contract, see the attached invoice")
        page.click(".doubts button[value^=explain]")
        assert "prepaid yearly contract" in page.inner_text(".doubts .settled")
        picture(page, "doubt-phone-en")
    assert shen.step(where, "review").status_code == 200
    assert shen.get(f"/api{where}").json()["state"] == "reviewed"


def leave_one_open_and_mend_another(portal: Portal) -> None:
    """A wrong figure is taken back and sent anew, which raises another doubt; that one is given to a colleague."""
    where, li = "/sheets/finance/mill/2025-02", portal.signed_in("li")
    cells = {"r1.item": "output_value", "r1.unit": "10kCNY"}
    li.step(where, "submit", **cells, **{"r1.quantity": "98000"})
    li.step(where, "withdraw")
    li.step(where, "submit", **cells, **{"r1.quantity": "60000"})
    page = portal.signed_in("shen").get(where)
    word = re.search(r'value="give:(\w+)"', page.text)
    assert word
    answer = portal.signed_in("shen").step(where, f"give:{word[1]}", **{f"person.{word[1]}": "song"})
    assert answer.status_code == 200
