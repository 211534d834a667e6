"""Pages that are written from the code must be what the code says now."""

from pathlib import Path

import pytest

from lake.vocabulary import clauses
from scripts import method_cards, pages, site_reference

ROOT = Path(__file__).resolve().parents[2]


def test_the_site_reference_is_current() -> None:
    assert pages.differing(site_reference) == []
    assert site_reference.page().count("\n## ") >= 10


def test_the_method_cards_are_current() -> None:
    assert pages.differing(method_cards) == []
    written = "".join(method_cards.pages().values())
    assert [key for key in clauses() if f"`{key}`" not in written] == []
    assert written.count("| equal |") >= 30


def test_a_card_that_was_edited_by_hand_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(method_cards, "PAGES", tmp_path)
    page = tmp_path / "mee.md"
    page.write_text(method_cards.pages()[page].replace("0.535", "0.53"), encoding="utf-8")
    assert page in pages.differing(method_cards)


def test_every_local_link_of_the_documents_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(pages) >= 8
    dead = []
    for page in pages:
        for part in page.read_text("utf-8").split("](")[1:]:
            target = part.split(")")[0].split("#")[0]
            if target and "://" not in target and not (page.parent / target).exists():
                dead.append(f"{page.name}: {target}")
    assert not dead


def test_each_decision_has_a_number_of_its_own() -> None:
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "docs/adr").glob("[0-9]*.md")}
    assert len({name[:4] for name in texts}) == len(texts) >= 30
    assert [name for name, text in texts.items() if not text.startswith(f"# {int(name[:4])}. ")] == []
