"""Suppliers answer behind a link: what it opens and what not, drafts, documents, Excel both ways, review by two people,
and what comes of an approved answer. Pictures go to build/screens.
"""

import io
import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser

from factors import load
from ingestion.portal import answers, sheets
from ingestion.portal.database import Database
from ingestion.portal.place import Place
from ingestion.portal.refusal import Refusal
from lake.store import Lake
from tests.integration import portal_site, supplier_site
from tests.integration.portal_pages import SIZES, page_of, picture
from tests.integration.portal_site import Portal, audit_lines
from tests.integration.supplier_site import COMPUTED, RESULT, Supplier, linked, session

pytestmark = pytest.mark.integration
#: Answers that are wrong each in its own way.
WRONG = {"e1_unit": "barrel", "own_share": "=1/0", "process_kgco2e": "viel"}
RATED = {"dqr_technology": "1", "dqr_time": "2", "dqr_geography": "1"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[Portal]:
    """A portal whose lake has the library's factors, as the first run leaves them."""
    with supplier_site.running(tmp_path_factory.mktemp("suppliers")) as running:
        library = load.load()
        told = {name: library[name] for name in ("factor_fuel", "factor_grid", "factor_footprint")}
        Lake(str(running.lake)).snapshots(told, datetime.now(UTC))
        yield running


def decided(portal: Portal, person: str, entry: str, step: str, **said: str) -> httpx.Response:
    """Look at an answer as somebody of the buyer and take a step with it."""
    return session(portal, person).step(f"/suppliers/answers/{entry}", step, **said)


def entry_of(portal: Portal, material: str = "lime") -> str:
    """The last answer of a material."""
    with Database(portal.site.parent / "home/portal.sqlite").reading() as connection:
        found = connection.execute(
            "select entry_id from sheets where about like ? order by rowid desc", [f"%/{material}/%"]
        )
        return str(found.fetchone()[0])


def answered(content: bytes, said: dict[str, object], heading: str = "") -> bytes:
    """Fill the answers of a questionnaire in, as a spreadsheet would."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=3):
        if row[0].value in said:
            row[2].value = said[row[0].value]
    if heading:
        sheet["A1"] = heading
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes) -> dict[str, str]:
    """What a workbook answers."""
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return {row[0]: row[2] for row in sheet.iter_rows(min_row=3, values_only=True) if row[2] is not None}


def handed_in(portal: Portal, **said: str) -> tuple[Supplier, str]:
    """A supplier's answer of lime, handed in."""
    works = linked(portal, "lime_works")
    works.get(works.at("lime") + "?new=1")
    answer = works.post(works.at("lime"), step="submit", **{**COMPUTED, **said})
    assert answer.url.params["said"] == "handed_in", answer.text
    return works, entry_of(portal)


def test_a_link_opens_one_supplier_s_materials_and_nothing_else(portal: Portal) -> None:
    works = linked(portal, "lime_works")
    page = works.get(works.path)
    assert "冶金石灰" in page.text
    assert "废钢" not in page.text
    assert works.get(works.at("scrap")).status_code == 404
    assert works.get(works.at("lime") + "/documents/other.pdf").status_code == 404
    assert portal.client().get("/suppliers").url.path == "/login", "a link is no account"
    with sqlite3.connect(portal.site.parent / "home/portal.sqlite") as connection:
        kept = str(connection.execute("select * from supplier_links").fetchall())
    assert works.path.rpartition("/")[2] not in kept, "the word itself is not kept"


def test_a_revoked_a_past_and_a_guessed_link_open_nothing(portal: Portal) -> None:
    works = linked(portal, "lime_works")
    manager = session(portal, "li")
    number = manager.get("/suppliers").text.partition('name="number" value="')[2].partition('"')[0]
    assert (
        session(portal, "wang").post("/suppliers", step="revoke", organization="mill", number=number).status_code == 404
    )
    manager.get("/suppliers")
    manager.post("/suppliers", step="revoke", organization="mill", number=number)
    assert works.get(works.path).status_code == 404
    assert "已作废" in works.get(works.at("lime")).text
    past = linked(portal, "lime_works")
    with sqlite3.connect(portal.site.parent / "home/portal.sqlite") as connection:
        connection.execute("update supplier_links set expires_at = '2020-01-01' where revoked_at is null")
    assert past.get(past.path).status_code == 404
    stranger = portal.client()
    answers_ = [stranger.get(f"/answer/guess-{number}").status_code for number in range(60)]
    assert answers_[0] == 404
    assert answers_[-1] == 429, "who guesses is stopped"
    with sqlite3.connect(portal.site.parent / "home/portal.sqlite") as connection:
        connection.execute("delete from failed_logins")


def test_forms_of_others_and_old_pages_change_nothing(portal: Portal) -> None:
    works = linked(portal, "lime_works")
    works.get(works.at("dolomite"))
    mine, works.word = works.word, "0" * 32
    assert works.post(works.at("dolomite"), step="save", **RESULT).status_code == 403
    works.word = mine
    forged = works.client.post(
        works.at("dolomite"), data={"word": mine, "step": "save"}, headers={"Origin": "https://evil.example"}
    )
    assert forged.status_code == 403
    works.get(works.at("dolomite"))
    old = works.revision
    assert works.post(works.at("dolomite"), step="save", **RESULT).url.params["said"] == "saved"
    works.revision = old
    assert works.post(works.at("dolomite"), step="save", **RESULT).status_code == 409, "the page was an old one"
    for step in ("approve", "review", "refuse", "correct"):
        works.get(works.at("dolomite"))
        assert works.post(works.at("dolomite"), step=step, **RESULT).status_code == 409


def test_from_a_draft_to_an_approved_answer_by_two_people(portal: Portal) -> None:
    works = linked(portal, "lime_works")
    works.get(works.at("lime"))
    wrong = works.post(works.at("lime"), step="submit", **{**COMPUTED, "e1_unit": "", "output_quantity": "12x"})
    assert wrong.status_code == 422
    assert "“12x”不是数字" in wrong.text
    back = works.get(works.at("lime"))
    assert 'value="750000"' in back.text, "a faulty answer is kept as a draft"
    works.post(works.at("lime"), step="save", **COMPUTED)
    page = works.get(works.at("lime")).text
    assert "1,028.5257 kgCO2e / t" in page, "216219 + 28646.7 + 23108 + 10552 + 750000 kg for 1000 t"
    sent = works.post(works.at("lime") + "/attach", {"document": ("物料衡算.pdf", b"%PDF-1")})
    assert "物料衡算.pdf" in sent.text
    assert works.post(works.at("lime") + "/attach", {"document": ("run.exe", b"MZ")}).status_code == 422
    assert works.get(works.at("lime") + "/documents/物料衡算.pdf").content == b"%PDF-1"
    works.get(works.at("lime"))
    works.post(works.at("lime"), step="submit", **COMPUTED)
    entry = entry_of(portal)
    assert works.post(works.at("lime"), step="save", **COMPUTED).status_code == 409, "it is under review"
    assert session(portal, "wang").get(f"/suppliers/answers/{entry}").status_code == 404, "of another member"
    assert decided(portal, "shen", entry, "return", words="请补充生产地").status_code == 200
    assert "请补充生产地" in works.get(works.at("lime")).text
    works.post(works.at("lime"), step="submit", **COMPUTED)
    assert decided(portal, "shen", entry, "review", **{**RATED, "dqr_time": ""}).status_code == 422
    assert decided(portal, "shen", entry, "review", **{**RATED, "dqr_time": "9"}).status_code == 422
    assert decided(portal, "shen", entry, "review", **RATED).status_code == 200
    assert decided(portal, "shen", entry, "approve").status_code == 409, "who rated it does not approve it"
    assert decided(portal, "song", entry, "approve").status_code == 200
    (line,) = portal.lines("supplier_footprints")
    assert (line["entered_by"], line["reviewed_by"], line["approved_by"]) == ("supplier:lime_works", "shen", "song")
    assert {"物料衡算.pdf", "answer.json"} <= set(json.loads(line["attachments"]))
    told = {row["act"] for row in audit_lines(portal.site.parent / "home")}
    assert {"link_make", "save", "submit", "return", "review", "approve"} <= told
    assert works.get(works.at("lime") + "?new=1").status_code == 200, "another period can be told"


def test_a_supplier_may_decline_and_take_back(portal: Portal) -> None:
    works = linked(portal, "lime_works")
    works.get(works.at("dolomite"))
    declined = {"way": "declined", "reference_first": "2024-01-01", "reference_last": "2024-12-31"}
    assert "请写明理由" in works.post(works.at("dolomite"), step="submit", **declined).text
    works.post(works.at("dolomite"), step="submit", comment="商业秘密", **declined)
    page = works.get(works.at("dolomite"))
    assert 'value="withdraw"' in page.text
    assert works.post(works.at("dolomite"), step="withdraw").url.params["said"] == "done"
    works.get(works.at("dolomite"))
    works.post(works.at("dolomite"), step="submit", comment="商业秘密", **declined)
    entry = entry_of(portal, "dolomite")
    assert decided(portal, "shen", entry, "review").status_code == 200, "nothing is there to be rated"
    assert decided(portal, "shen", entry, "approve").status_code == 409
    assert decided(portal, "song", entry, "approve").status_code == 200


def test_what_comes_by_another_way_waits_for_the_same_review(portal: Portal) -> None:
    row = {
        "organization_id": "steel", "supplier_id": "scrap_yard", "material": "scrap", "declared_unit": "kg",
        "footprint_kgco2e": "0.03", "reference_from": "2024-01-01", "reference_to": "2025-01-01",
        "valid_to": "2028-01-01", "record_id": "5b0c7f3e-2f0c-4a55-9d37-6a3e1c1f9a10", "source": "PACT",
    }  # fmt: skip
    known, database = Place(portal.site, {}).known(), Database(portal.site.parent / "home/portal.sqlite")
    entry = answers.receive(database, known, row, [("record.json", "0" * 64, ".json", 2)], "pact:scrap_yard")
    assert answers.receive(database, known, row, (), "pact:scrap_yard") == entry, "a repeat changes nothing"
    with database.reading() as connection:
        (first,) = sheets.by_id(connection, entry)
        assert (first.state, first.number, sheets.attachments(connection, first)[0]["name"]) == (
            "submitted", 1, "record.json",
        )  # fmt: skip
    assert answers.receive(database, known, {**row, "footprint_kgco2e": "0.04"}, (), "pact:scrap_yard") == entry
    with pytest.raises(Refusal, match="answer_refused"):
        answers.receive(database, known, {**row, "declared_unit": "kWh"}, (), "pact:scrap_yard")
    with pytest.raises(Refusal):
        answers.receive(database, known, {**row, "material": "lime"}, (), "pact:scrap_yard")
    assert decided(portal, "zhang", entry, "review", **RATED).status_code == 200
    assert decided(portal, "zhang", entry, "approve").status_code == 409
    withdrawn = {**row, "footprint_kgco2e": "0.04", "status": "deprecated"}
    assert answers.receive(database, known, withdrawn, (), "pact:scrap_yard") == entry
    with database.reading() as connection:
        assert sheets.by_id(connection, entry)[0].rows[0]["status"] == "deprecated"


def test_the_questionnaire_goes_down_and_comes_back_as_a_workbook(portal: Portal) -> None:
    works = linked(portal, "lime_works")
    works.get(works.at("lime") + "?new=1")
    filled = answered(works.get(works.at("lime") + "/workbook").content, {**COMPUTED, "e2_quantity": 80})
    wrong = works.post(works.at("lime") + "/workbook", {"workbook": ("a.xlsx", answered(filled, WRONG))})
    assert wrong.status_code == 422
    assert "有 3 处错误" in wrong.text
    address = re.search(r"/answer/[\w-]+/marked/[\w-]+", wrong.text)
    assert address
    marked = load_workbook(io.BytesIO(works.get(address[0]).content)).worksheets[0]
    told = {marked.cell(cell.row, 1).value: cell.comment.text for row in marked for cell in row if cell.comment}
    assert set(told) == set(WRONG)
    assert "不在可用词表中" in told["e1_unit"]
    assert "公式" in told["own_share"]
    other = linked(portal, "lime_works")
    assert other.get(address[0].replace(works.path, other.path)).status_code == 404, "kept for who sent it"
    works.get(works.at("lime") + "?new=1")
    sent = works.post(works.at("lime") + "/workbook", {"workbook": ("a.xlsx", filled)})
    assert sent.url.params["said"] == "saved", sent.text
    assert "1,051.6337 kgCO2e / t" in sent.text, "23,108 kg of electricity more than on the page"
    again = works.get(works.at("lime") + "/workbook").content
    assert read(again) == {**COMPUTED, "e2_quantity": "80"}, "what was said comes back as it was said"
    for content in (b"PK", b"MZ", answered(filled, {}, heading="nothing")):
        works.get(works.at("lime"))
        assert works.post(works.at("lime") + "/workbook", {"workbook": ("a.xlsx", content)}).status_code == 422


def test_words_that_look_like_formulas_stay_words(portal: Portal) -> None:
    works = linked(portal, "lime_works")
    works.get(works.at("lime"))
    works.post(works.at("lime"), step="save", **{**COMPUTED, "comment": '=HYPERLINK("http://evil.example","x")'})
    book = load_workbook(io.BytesIO(works.get(works.at("lime") + "/workbook").content)).worksheets[0]
    cells = {row[0].value: row[2] for row in book.iter_rows(min_row=3)}
    assert (cells["comment"].data_type, cells["comment"].value[:10]) == ("s", "=HYPERLINK")
    page = works.get(works.at("lime")).text
    assert "&#34;http://evil.example" in page
    works.post(works.at("lime"), step="save", **{**COMPUTED, "comment": "<script>alert(1)</script>"})
    assert "<script>" not in works.get(works.at("lime")).text


@pytest.mark.parametrize(("device", "language"), [("desk", "en"), ("phone", "zh")])
def test_a_supplier_answers_in_a_browser(portal: Portal, browser: Browser, device: str, language: str) -> None:
    """Without an account and without scripts: what is asked and why, the questionnaire, what it makes."""
    works = linked(portal, "lime_works")
    width, height = SIZES[device]
    context = browser.new_context(viewport={"width": width, "height": height}, is_mobile=device == "phone")
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(f"{portal.address}/language/{language}?next={works.path}")
    assert ("东山水泥厂 请您" in page.inner_text(".lead >> nth=0")) == (language == "zh")
    picture(page, f"supplier-asked-{device}-{language}")
    page.click(".tasks a >> nth=0")
    page.goto(page.url + "?new=1")
    page.select_option("select[name=way]", "result")
    assert not page.is_visible("[name=e1_carrier]"), "who gives a result is not asked for energy"
    page.select_option("select[name=way]", "computed")
    assert not page.is_visible("[name=footprint_kgco2e]")
    for name, said in COMPUTED.items():
        held = page.locator(f"[name={name}]")
        held.select_option(said) if held.evaluate("one => one.tagName") == "SELECT" else held.fill(said)
    page.fill("[name=e1_quantity]", "-1")
    page.click("button[value=submit]")
    assert page.locator(".why").count() == 1
    page.fill("[name=e1_quantity]", "100000")
    page.click("button[value=save]")
    assert "1,028.5257 kgCO2e / t" in page.inner_text(".reckoning")
    picture(page, f"supplier-answer-{device}-{language}")
    other = "en" if language == "zh" else "zh"
    page.goto(f"{portal.address}/language/{other}?next={works.at('lime')}")
    assert page.input_value("[name=process_kgco2e]") == "750000", "the draft is the same in the other language"
    assert ("Work it out" in page.inner_text("select[name=way]")) == (other == "en")
    picture(page, f"supplier-answer-{device}-{other}")
    context.close()


@pytest.mark.parametrize(("device", "language"), [("desk", "zh"), ("phone", "en")])
def test_the_buyer_s_pages_in_a_browser(portal: Portal, browser: Browser, device: str, language: str) -> None:
    _, entry = handed_in(portal)
    with page_of(browser, portal, "li", device, language) as page:
        page.goto(f"{portal.address}/suppliers")
        page.click("section#lime_works button[value=make]")
        assert "/answer/" in page.inner_text(".letter")
        assert "lime@works.example" in page.inner_text(".letter")
        picture(page, f"suppliers-{device}-{language}")
    with page_of(browser, portal, "shen", device, language) as page:
        page.click(f".tasks a[href='/suppliers/answers/{entry}']")
        for name, mark in RATED.items():
            page.select_option(f"select[name={name}]", mark)
        picture(page, f"supplier-review-{device}-{language}")
        page.click("button[value=review]")
        assert page.locator("button[value=approve]").count() == 0, "who rated does not approve"
    assert decided(portal, "song", entry, "approve").status_code == 200


@pytest.mark.soak  # two runs; what they take from the portal is shown without them in the tests of approved sheets
def test_an_approved_answer_is_in_force_after_the_next_run(portal: Portal) -> None:
    assert portal.run()["published"]
    found = portal.sql(
        "select material, status, quality, dqr is not null, used_kgco2e, penalty_ratio from footprint.suppliers "
        "where organization_id = 'mill' order by material"
    )
    assert [row[:2] for row in found] == [("dolomite", "rejected"), ("lime", "answered")]
    assert (found[1][2], found[1][3]) == ("computed", True)
    assert found[1][4] == Decimal("1028.525728")
    assert portal.sql("select status, days_overdue_count from footprint.suppliers where material = 'scrap'") == [
        ("overdue", 33)
    ]


def test_the_park_s_people_see_who_owes_what_and_who_may_see_what(tmp_path: Path) -> None:
    with portal_site.opened(Path("examples/reference_park"), tmp_path / "lake", tmp_path / "home", {}) as (park, _):
        manager = park.signed_in("p01")
        suppliers, customers = manager.get("/suppliers").text, manager.get("/customers").text
        for said in ("示范石灰有限公司", "1,086 kgCO2e/t", "供应商拒绝答复", "逾期"):
            assert said in suppliers, said
        assert 'value="make"' not in suppliers, "who does not enter asks nobody"
        for said in ("示范汽车有限公司", "到过程", "范例化工贸易"):
            assert said in customers, said
        works = park.signed_in("p02").get("/customers").text
        assert ("示范建工集团" in works, "示范汽车有限公司" in works) == (True, False), "of cement's products alone"
