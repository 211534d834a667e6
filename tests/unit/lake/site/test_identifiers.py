"""Industrial-internet identifiers of a site: their form, that each stands once, and whose they are."""

import shutil
import string
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.site.csv_file import read_texts
from lake.site.declared import files
from lake.site.identifiers import fold
from lake.site.survey import survey

STARTER = Path("pipelines/cli/starter")
SPEC = files()["identifiers"]
FACTS = {"subject_kind": "organization", "subject_id": "x", "organization_id": "x"}
segments = st.text(string.digits, min_size=1, max_size=10)
prefixes = st.lists(segments, min_size=1, max_size=3).map(lambda parts: ".".join(["88", *parts]))
suffixes = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=200)


def faults(identifier: str) -> list[str]:
    texts = {name: [value] for name, value in {"identifier": identifier, **FACTS}.items()}
    return [fault.column for fault in read_texts(SPEC, texts, [2], ZoneInfo("UTC")).faults]


@given(prefixes, suffixes)
def test_what_has_the_form_is_taken(prefix: str, suffix: str) -> None:
    assert faults(f"{prefix}/{suffix}") == []


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_what_is_taken_has_the_form(text: str) -> None:
    """An own reading of the form: 88, one to three groups of digits, a slash, and something that can be seen."""
    prefix, slash, suffix = text.strip().partition("/")
    first, *groups = prefix.split(".")
    right = (
        first == "88"
        and 1 <= len(groups) <= 3
        and all(0 < len(group) <= 10 and set(group) <= set(string.digits) for group in groups)
        and slash == "/"
        and 0 < len(suffix) <= 200
        and suffix.isprintable()
        and " " not in suffix
    )
    if text.strip():
        assert (faults(text) == []) == right


WRONG = ["88/a", "89.1/a", "88.1", "88.1/", "88.1/a b", "88.a/b", "88..1/b", "88.1.2.3.4/b", "88.12345678901/a"]


@pytest.mark.parametrize("identifier", WRONG)
def test_another_form_is_a_fault_at_its_cell(identifier: str) -> None:
    assert faults(identifier) == ["identifier"]


@given(suffixes)
def test_case_of_ascii_letters_alone_does_not_part_two(suffix: str) -> None:
    swapped = "".join(letter.swapcase() if letter in string.ascii_letters else letter for letter in suffix)
    assert fold(suffix) == fold(swapped)
    assert len(fold(suffix)) == len(suffix)


def test_an_identifier_stands_once_and_for_something_of_its_issuer(tmp_path: Path) -> None:
    site = Path(shutil.copytree(STARTER, tmp_path / "site"))
    own = (site / "organizations.csv").read_text("utf-8").splitlines()[1].split(",")[0]
    meter = (site / "meters.csv").read_text("utf-8").splitlines()[1].split(",")[0]
    rows = [
        f"88.1/a,organization,{own},{own}",
        f"88.1/M,meter,{meter},{own}",
        f"88.1/m,meter,{meter},{own}",
        f"88.1/a,organization,{own},{own}",
        f"88.1/x,meter,{meter}x,{own}",
        f"88.1/p,product,nothing,{own}",
        f"88.1/o,organization,{own},nobody",
    ]
    head = "identifier,subject_kind,subject_id,organization_id"
    (site / "identifiers.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    found = [fault for fault in survey(site, {}).faults if fault.file == "identifiers.csv"]
    assert [(fault.line, fault.column) for fault in found] == [
        (4, "identifier"),
        (5, "identifier"),
        (6, "subject_id"),
        (7, "subject_id"),
        (8, "organization_id"),
        (8, "organization_id"),
    ]
    assert f"did you mean {meter}?" in found[2].message
