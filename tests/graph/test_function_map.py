"""The page of the guide's functions names what there is, and leaves nothing out."""

from pathlib import Path

from scripts import function_map, pages

ROOT = Path(__file__).resolve().parents[2]
CONTENT = function_map.content()
ENTRIES = [entry for part in CONTENT.values() for entry in part]


def test_the_guide_is_there_whole() -> None:
    assert len(CONTENT["functions"]) == 12 + 1, "the twelve, and what lies beneath them"
    assert [len(CONTENT[part]) for part in ("layers", "acquisition", "models")] == [6, 4, 4]
    assert pages.differing(function_map) == []


def test_each_file_and_document_that_it_names_exists() -> None:
    named = [name for entry in ENTRIES for name in entry["code"]]
    assert len(named) >= 60
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert [name for entry in ENTRIES for name in entry.get("docs", []) if not (ROOT / "docs" / name).is_file()] == []


def test_each_mart_and_each_page_has_its_one_function() -> None:
    for key, there in (("marts", function_map.marts()), ("pages", function_map.screens())):
        named = [name for function in CONTENT["functions"] for name in function[key]]
        assert sorted(named) == sorted(there), f"docs/functions.yaml: a new one of the {key} wants a line"
        assert len(named) >= 20
    assert {mart for model in CONTENT["models"] for mart in model["marts"]} <= set(function_map.marts())


def test_everything_is_said_in_both_languages() -> None:
    for entry in ENTRIES:
        for text in (entry["name"], entry.get("asks", {"zh": "-", "en": "-"}), entry.get("is", {"zh": "-", "en": "-"})):
            assert set(text) == {"zh", "en"}
            assert all(text.values())
