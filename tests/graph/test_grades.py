"""Every mart is graded and what is sensitive in it is named; a door shows of that what its readers need, no more."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lake import described, grades, vocabulary
from scripts.superset import specification

ROOT = Path(__file__).resolve().parents[2]
#: Names of columns that say who did something, where something is found, or which document it is.
SMELLS = re.compile(r"(^|_)(person|actor|author|owner|voucher|address|mail|phone|document)(_id)?$|_by$")
#: Columns that smell and are not: what follows a record is no person, a guideline is a public document.
INNOCENT = {"footprint.releases.superseded_by", "reference.organizations.guideline_document"}


def tagged() -> Iterator[tuple[str, str, dict[str, str], list[str]]]:
    """Give each mart with its grade, the kinds of its sensitive columns, and all of its columns."""
    for name, mart in vocabulary.marts().items():
        kinds = {column.name: column.sensitive for column in mart.columns if column.sensitive}
        yield name, mart.grade, kinds, [column.name for column in mart.columns]
    for room in ("methods", "quality"):
        page = ROOT / room / "marts.yaml"
        for name, spec in described.marts(page).items():
            tags = described.tags(page, name)
            yield name, tags["grade"], tags["sensitive"], list(spec["columns"])


def test_every_mart_has_a_grade_and_every_kind_is_known() -> None:
    found = list(tagged())
    assert len(found) >= 100
    assert {grade for _, grade, _, _ in found} == {"general", "important"}  # no mart is core as delivered
    assert set(grades.page()["grades"]) == {"general", "important", "core"}
    assert {kind for _, _, kinds, _ in found for kind in kinds.values()} == set(grades.page()["kinds"])
    assert sum(grade == "important" for _, grade, _, _ in found) >= 20
    assert all(set(kind["hidden_at"]) <= set(grades.DOORS) for kind in grades.page()["kinds"].values())


def test_a_column_that_smells_is_named() -> None:
    smelling = [f"{mart}.{name}" for mart, _, kinds, names in tagged() for name in names if SMELLS.search(name)]
    named = {f"{mart}.{name}" for mart, _, kinds, _ in tagged() for name in kinds}
    assert len(smelling) >= 20
    assert sorted(set(smelling) - named - INNOCENT) == []


def test_the_tags_of_the_models_stand_in_dbt() -> None:
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "dbt_project/models/marts").rglob("*.yml"))
    assert pages.count('"grade": "important"') + pages.count('"grade": "general"') == len(vocabulary.marts())
    assert pages.count('"sensitive": ') == sum(
        column.sensitive is not None for mart in vocabulary.marts().values() for column in mart.columns
    )


def drawn() -> set[str]:
    """Return the sensitive columns (`schema.table.column`) that charts show."""
    kinds = {mart: set(kinds) for mart, _, kinds, _ in tagged()}
    return {
        f"{chart['dataset']}.{name}"
        for chart in specification.read().charts.values()
        for name in specification.columns(chart, "zh") & kinds[chart["dataset"]]
    }


@pytest.mark.parametrize("door", grades.DOORS)
def test_what_is_needed_is_sensitive_and_would_be_hidden(door: str) -> None:
    would = {
        f"{mart}.{name}"
        for mart, _, kinds, _ in tagged()
        for name, kind in kinds.items()
        if door in grades.page()["kinds"][kind]["hidden_at"]
    }
    assert grades.needed(door) <= would
    hidden = {f"{mart}.{name}" for mart, _, kinds, _ in tagged() for name in grades.hidden(door, mart, kinds)}
    assert hidden == would - grades.needed(door)
    assert len(hidden) >= 8


def test_the_dashboards_show_what_their_charts_need_and_nothing_else() -> None:
    assert drawn() == set(grades.needed(grades.DASHBOARDS))
