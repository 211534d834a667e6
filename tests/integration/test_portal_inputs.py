"""What comes in by the portal's doors: planted files are refused in one sentence and kept nowhere."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from ingestion import excel_table
from ingestion.portal import words
from lake.errors import NotTakenError, SourceShapeError
from tests import planted_files
from tests.integration import supplier_site
from tests.integration.portal_pages import workbook_of
from tests.integration.portal_site import Portal
from tests.integration.supplier_site import COMPUTED, linked, session

pytestmark = pytest.mark.integration
SHEET = "/sheets/production/mill/2025-01"
SENT = {"r1.product_id": "clinker", "r1.quantity": "1000", "r1.unit": "t", "r1.energy_unit_id": "mill_root"}
ROW = {"organization_id": "mill", "energy_unit_id": "kiln", "product_id": "p", "month": "2024-05", "unit": "t"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[Portal]:
    with supplier_site.running(tmp_path_factory.mktemp("inputs")) as running:
        yield running


def _kept(portal: Portal) -> set[str]:
    return {path.name for path in (portal.lake / "payloads").rglob("*") if path.is_file()}


def _sentence(key: str) -> re.Pattern[str]:
    """The English sentence of a refusal, whatever it names."""
    told = re.escape(words._page()["words"][key]["en"])
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^<]+", told))


def test_a_planted_document_is_refused_at_each_door_that_takes_documents(portal: Portal) -> None:
    li, works = session(portal, "li"), linked(portal, "lime_works")
    li.get("/language/en?next=/")
    li.step(SHEET, "save", **SENT)
    works.get("/language/en?next=/login")
    works.get(works.at("lime"))
    works.post(works.at("lime"), step="save", **COMPUTED)
    before, tried = _kept(portal), 0
    keys = set[str]()
    for what, (name, content, key) in planted_files.refused().items():
        sent = [lambda document: li.post(f"{SHEET}/attach", {"document": document})]
        if key not in keys:  # one of each at the second door, which asks the same rule
            sent.append(lambda document: works.post(f"{works.at('lime')}/attach", {"document": document}))
        for send in sent:
            answer = send((name, content))
            assert answer.status_code in (413, 422), what
            assert len(_sentence(key).findall(answer.text)) == 1, (what, answer.text)
            tried += 1
        keys.add(key)
    assert tried >= 45
    assert _kept(portal) == before, "nothing of it was kept"
    for name, content in planted_files.taken().items():
        assert li.post(f"{SHEET}/attach", {"document": (name, content)}).status_code == 200, name
    assert len(_kept(portal)) == len(before) + len(planted_files.taken())


def test_a_planted_workbook_is_refused_at_each_door_that_reads_workbooks(portal: Portal) -> None:
    li, works = session(portal, "li"), linked(portal, "lime_works")
    li.get("/upload")
    works.get(works.at("lime"))
    planted = {what: one for what, one in planted_files.refused().items() if one[0].endswith(".xlsx")}
    far = Workbook()
    far.active["XFD1"], far.active["XFD1048576"] = "product_id", 1  # type: ignore[index]
    out = io.BytesIO()
    far.save(out)
    before = _kept(portal)
    for what, (_, content, _) in {**planted, "far away": ("", out.getvalue(), "")}.items():
        for answer in (
            li.post("/upload", {"workbook": ("production.xlsx", content)}, kind="production"),
            works.post(f"{works.at('lime')}/workbook", {"workbook": ("a.xlsx", content)}),
        ):
            assert answer.status_code in (413, 422), what
    assert len(planted) >= 10
    assert _kept(portal) == before


def test_a_cell_that_is_a_formula_is_named(portal: Portal) -> None:
    """What a formula shows to the reviewer need not be the value that was saved with it."""
    li = session(portal, "li")
    li.get("/language/zh?next=/upload")
    sent = {"workbook": ("production.xlsx", workbook_of([{**ROW, "quantity": "=1000*2"}]))}
    headers = {"accept": "application/json"}
    answer = li.client.post("/upload", data={"csrf": li.csrf, "kind": "production"}, files=sent, headers=headers)
    assert answer.status_code == 422
    told = [(fault["cell"], fault["message"]) for fault in answer.json()["faults"]]
    assert told == [("E2", "是公式，请填数值")]


def test_a_body_without_an_end_or_from_a_stranger_is_not_read(portal: Portal) -> None:
    stranger = portal.client()
    pieces = iter([b"a" * 1000] * 10)
    assert stranger.post("/upload", content=pieces).status_code == 413, "no length is told"
    large = stranger.post("/upload", content=b"a" * 41_000_000)
    assert large.status_code == 413
    answer = stranger.post("/upload", files={"workbook": ("a.xlsx", b"a" * 5_000_000)}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/")


def test_a_dropped_workbook_that_would_fill_the_machine_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "dropped.xlsx"
    for what in ("bomb in a workbook", "laughs", "encrypted workbook", "half a workbook"):
        file.write_bytes(planted_files.refused()[what][1])
        with pytest.raises(SourceShapeError) as refused:
            excel_table.header_and_rows(file, None, 1)
        assert isinstance(refused.value.__cause__, NotTakenError), what
        assert "\n" not in str(refused.value)
    file.write_bytes(planted_files.refused()["macros"][1])
    assert excel_table.header_and_rows(file, None, 1)[0] == ["a", "1"], "macros are never run, values are read"
