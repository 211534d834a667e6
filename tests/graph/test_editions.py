"""A Chinese edition has the headings, paragraphs, tables and blocks of the English page, so that none falls behind.

Whoever changes one changes the other: the same commands, as many rows. What the words say no machine compares.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS / "zh") for path in (DOCS / "zh").rglob("*.md"))
PAIRS = {str(page): (DOCS / page, DOCS / "zh" / page) for page in PAGES}
PAIRS["CONTRIBUTING.md"] = (ROOT / "CONTRIBUTING.md", ROOT / "CONTRIBUTING.zh-CN.md")
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
HAN = re.compile(r"[\u4e00-\u9fff]")


def shape(text: str) -> dict[str, list[str] | list[int] | int]:
    """What both editions have alike: blocks, levels of headings, paragraphs, cells of tables, points of lists."""
    prose = FENCE.sub("", text)
    return {
        "blocks": FENCE.findall(text),
        "headings": [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)],
        "rows of tables": [row.count(" | ") for row in re.findall(r"^\|.*\|$", prose, re.MULTILINE)],
        "paragraphs": len([part for part in re.split(r"\n\s*\n", prose) if part.strip()]),
        "points of lists": len(re.findall(r"^ *(?:-|\d+\.) ", prose, re.MULTILINE)),
        "pictures": len(re.findall(r"!\[", prose)),
    }


def test_the_editions_are_there() -> None:
    assert len(PAGES) >= 35
    begins = {"index.md", "quickstart.md", "first_site.md", "concepts.md", "functions.md", "verified.md"}
    assert begins <= {str(page) for page in PAGES}
    assert {f"{page.stem}.md" for page in (DOCS / "roles").glob("*.md")} == {
        page.name for page in PAGES if page.parent.name == "roles"
    }


@pytest.mark.parametrize("page", PAIRS)
def test_a_chinese_edition_has_what_the_english_page_has(page: str) -> None:
    english, chinese = (path.read_text("utf-8") for path in PAIRS[page])
    wanted, found = shape(english), shape(chinese)
    apart = {what: (wanted[what], found[what]) for what in wanted if wanted[what] != found[what]}
    assert not apart, f"{page} and its Chinese edition differ in {', '.join(apart)}: {apart}"
    assert len(HAN.findall(FENCE.sub("", chinese))) > len(FENCE.sub("", chinese)) / 8, "this is not Chinese"
