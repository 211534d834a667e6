"""Pages that are written from the code must be what the code says now."""

from pathlib import Path

from scripts import site_reference

ROOT = Path(__file__).resolve().parents[2]


def test_the_site_reference_is_current() -> None:
    assert (ROOT / "docs/site.md").read_text("utf-8") == site_reference.page()
    assert site_reference.page().count("\n## ") >= 10


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
