"""The table of security controls and the risk assessment name what is there: files, tests, controls, both languages."""

from pathlib import Path
from typing import Any

import pytest

from scripts import pages, security_pages


def test_the_pages_are_current_and_name_what_is_there() -> None:
    assert security_pages.faults() == []
    assert pages.differing(security_pages) == []


def test_there_is_enough_to_look_at() -> None:
    rows = security_pages.controls()
    assert len(rows) >= 50
    assert len({test for row in rows for test in row.get("tests") or ()}) >= 120
    assert len(security_pages.risks()) >= 12


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tests": ["tests/graph/test_rooms.py::test_that_never_was"]}, "has no test 'test_that_never_was'"),
        ({"tests": ["lake/store.py::test_a"]}, "is no file of tests"),
        ({"where": ["lake/gone.py"]}, "lake/gone.py is not there"),
        ({"tests": ["tests/integration/test_soak_bundle.py::test_the_bundle_runs_without_a_network"]}, "of every day"),
        ({"state": "partly"}, "says what lacks"),
        ({"clause": "9.9"}, "no clause 9.9"),
        ({"how": {"zh": "", "en": "one"}}, "how is not in both languages"),
    ],
)
def test_a_row_that_names_what_is_not_there_is_found(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], said: str
) -> None:
    rows = security_pages.controls()
    (met, *_) = [row for row in rows if row["state"] == "met"]
    monkeypatch.setattr(security_pages, "controls", lambda: [{**met, **change} if row is met else row for row in rows])
    (fault, *_) = security_pages.faults()
    assert fault.startswith(f"{met['id']}: ") or "no control" in fault
    assert said in "\n".join(security_pages.faults())


def test_a_page_that_was_edited_by_hand_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_pages, "DOCS", tmp_path)
    page = tmp_path / "security_controls.md"
    page.write_text(security_pages.page_of_controls("en").replace("met", "mett", 1), encoding="utf-8")
    assert page in pages.differing(security_pages)
