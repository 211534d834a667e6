"""The documentation site before it is built: each page has its place, each link leads to the reader's language."""

import itertools
from pathlib import Path

import pytest

from lake.vocabulary import marts
from pipelines.cli.main import COMMANDS
from scripts.docs import build, links, mart_reference, navigation, pages
from scripts.docs.pages import LANGUAGES, Page


@pytest.fixture(scope="module")
def editions() -> dict[str, dict[str, Page]]:
    return {language: pages.edition(language) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_stands_in_one_section(editions: dict[str, dict[str, Page]], language: str) -> None:
    found = navigation.of(language, editions[language])
    assert len(found) >= 6
    assert sum(len(entries) for section in found for entries in section.values()) == len(editions[language]) >= 80


def test_both_editions_have_the_same_addresses(editions: dict[str, dict[str, Page]]) -> None:
    assert set(editions["zh"]) == set(editions["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_is_led(editions: dict[str, dict[str, Page]], language: str) -> None:
    edition = editions[language]
    led = {place: links.led(place, page, edition) for place, page in edition.items()}
    assert sum(text.count("](") for text in led.values()) >= 300


def test_a_link_to_nothing_is_told() -> None:
    page = Page("# A\n\nSee [that](nowhere.md).\n", pages.DOCS / "a.md")
    with pytest.raises(links.DeadLinkError, match=r"docs/a\.md: nowhere\.md leads to nothing"):
        links.led("a.md", page, {"a.md": page})


def test_links_are_led_to_the_readers_language_and_code_is_named_only() -> None:
    page = Page(
        "# 甲\n\n"
        "[备份](../backup.md#restore)、[程序](../../lake/store.py)、[单](../navigation.yaml)、`[不是](x.md)`\n\n```text\n[nor](y.md)\n```\n",
        pages.CHINESE / "a.md",
    )
    edition = {"a.md": page, "backup.md": Page("# 备份\n", pages.CHINESE / "backup.md", is_own=True)}
    led = links.led("a.md", page, edition)
    assert "[备份](backup.md#restore)、程序 (`lake/store.py`)、单 (`docs/navigation.yaml`)、`[不是](x.md)`" in led
    assert "```text\n[nor](y.md)\n```" in led


def test_a_page_without_an_edition_says_so(editions: dict[str, dict[str, Page]]) -> None:
    foreign = [page.text for page in editions["zh"].values() if not page.is_own]
    assert all("本页尚无中文版" in text for text in foreign)
    assert all(navigation.heading(text) for text in foreign)


def test_a_page_in_no_section_is_told(editions: dict[str, dict[str, Page]]) -> None:
    with pytest.raises(navigation.LeftOutError, match=r"stray/page\.md"):
        navigation.of("en", editions["en"] | {"stray/page.md": Page("# Stray\n")})


def test_the_dictionary_has_every_mart_column_and_parent(editions: dict[str, dict[str, Page]]) -> None:
    text = "".join(page.text for place, page in editions["en"].items() if place.startswith("reference/marts/"))
    schemas = {name.split(".")[0] for name in marts()}
    graph = {name for name in mart_reference.parents() if name.split(".")[0] in schemas}
    assert [name for name in graph | set(marts()) if f"· `{name}`" not in text] == []
    assert text.count("Made from: ") >= 60


def test_the_reference_has_every_command(editions: dict[str, dict[str, Page]]) -> None:
    text = editions["zh"]["reference/cli.md"].text
    assert [name for name in COMMANDS if f"\n## nengtan {name}\n" not in text] == []


def test_a_list_begins_after_an_empty_line(editions: dict[str, dict[str, Page]]) -> None:
    """The site's Markdown takes a list that follows its paragraph at once as part of the sentence."""
    wrong = []
    for place, page in editions["en"].items():
        lines = page.text.splitlines()
        for number, (before, line) in enumerate(itertools.pairwise(lines), 2):
            begins = line.startswith(("- ", "1. "))
            if begins and before.strip() and not before.startswith(("- ", "  ", "#", *"123456789")):
                wrong.append(f"{place}:{number}")
    assert wrong == []


def test_what_the_build_writes_needs_no_program(tmp_path: Path) -> None:
    settings = build.write("en", tmp_path, tmp_path / "site")
    assert (settings.parent / "pages/reference/cli.md").is_file()
    assert (settings.parent / "pages/site.css").is_file()
