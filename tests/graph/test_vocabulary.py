"""One word, one meaning: columns, clauses, units and carriers are described once, and everything uses those words."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from factors.load import load
from lake.units import units
from lake.vocabulary import clauses, marts, unit_of
from scripts import columns_yml, pages

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "dbt_project/models"
CITED = re.compile(r"Clause:\s*(.+)")
KEY = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")

#: Names that may carry a number without a unit at their end, with a sibling that says it.
GENERIC = {"quantity", "value", "activity", "factor", "intensity", "actual", "level", "gap"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def cited_clauses() -> dict[str, list[str]]:
    """Return the clause keys that each SQL file names."""
    cited = {}
    for path in sorted(MODELS.rglob("*.sql")):
        keys = [key for line in CITED.findall(path.read_text(encoding="utf-8")) for key in KEY.findall(line)]
        if keys:
            cited[path.relative_to(MODELS).as_posix()] = keys
    return cited


def test_the_pages_beside_the_marts_are_what_the_columns_say():
    assert pages.differing(columns_yml) == []
    assert len(marts()) >= 19


def test_the_drift_test_sees_a_change(tmp_path, monkeypatch):
    mart = marts()["energy.comprehensive_monthly"]
    target = tmp_path / mart.schema / f"{mart.model}.yml"
    monkeypatch.setattr(columns_yml, "MARTS_DIR", tmp_path)
    target.parent.mkdir()
    target.write_text(columns_yml.page(mart).replace("tce", "t", 1), encoding="utf-8")
    assert target in pages.differing(columns_yml)


def test_every_mart_has_a_page_and_every_page_a_mart():
    sql = {path.relative_to(MODELS / "marts").with_suffix("").as_posix() for path in (MODELS / "marts").rglob("*.sql")}
    assert {f"{mart.schema}/{mart.model}" for mart in marts().values()} == sql


@pytest.mark.parametrize("mart", marts().values(), ids=lambda mart: mart.name)
def test_every_column_is_said_in_both_languages_with_its_unit(mart):
    names = [column.name for column in mart.columns]
    assert len(names) == len(set(names))
    assert set(mart.grain) <= set(names)
    for column in mart.columns:
        assert CHINESE.search(column.zh), column.name
        assert re.match(r"[A-Z0-9]|open|register", column.en), column.name
        if column.unit_column:
            assert column.unit_column in names, f"{mart.name}.{column.name}"
        if column.name in GENERIC and column.name != "level":
            assert f"{column.name}_unit" in names, f"{mart.name}.{column.name}"
        if column.unit:
            assert column.unit in units(), f"{mart.name}.{column.name}"
            assert unit_of(column.name) in (None, column.unit), f"{mart.name}.{column.name}"
        if column.clause:
            assert column.clause in clauses(), f"{mart.name}.{column.name}"
    assert set(mart.clauses) <= set(clauses()), mart.name


def test_standard_coal_never_stands_bare():
    bare = [
        c.name
        for mart in marts().values()
        for c in mart.columns
        if re.search(r"_tce(?!_(calorific|equivalent))", c.name)
    ]
    assert bare == []


def test_cited_clauses_exist():
    cited = cited_clauses()
    assert len(cited) >= 15
    missing = {file: [key for key in keys if key not in clauses()] for file, keys in cited.items()}
    assert {file: keys for file, keys in missing.items() if keys} == {}


def test_every_clause_is_used_or_marked_as_not_implemented():
    used = {key for keys in cited_clauses().values() for key in keys}
    used |= {column.clause for mart in marts().values() for column in mart.columns if column.clause}
    used |= {key for mart in marts().values() for key in mart.clauses}
    pages = [YAML(typ="safe").load((ROOT / room / "marts.yaml").read_text("utf-8")) for room in ("quality", "methods")]
    made_here = [column for page in pages for mart in page.values() for column in mart["columns"].values()]
    used |= {column["clause"] for column in made_here if "clause" in column}
    for path in (MODELS / "intermediate/carbon").glob("*.sql"):
        used |= set(KEY.findall(path.read_text(encoding="utf-8")))
    idle = [key for key, clause in clauses().items() if clause.status == "implemented" and key not in used]
    assert idle == []
    assert {clause.status for clause in clauses().values()} == {"implemented", "not_implemented"}
    assert len(clauses()) >= 20


def test_a_declared_mart_names_a_clause():
    declared = [
        mart for mart in marts().values() if mart.schema in ("energy", "carbon") and mart.table != "readings_latest"
    ]
    assert len(declared) >= 7
    assert [mart.name for mart in declared if not mart.clauses] == []


def test_the_site_speaks_the_words_of_the_library():
    words = YAML(typ="safe").load((ROOT / "lake/site/vocabularies.yaml").read_text(encoding="utf-8"))
    carriers = {row["carrier"] for row in load()["carriers"].to_pylist()}
    assert set(words["carrier"]) == carriers
    assert set(words["item"]) == carriers | {row["item"] for row in load()["emission_items"].to_pylist()}
    assert {row["property"] for row in load()["method_parameters"].to_pylist()} <= set(words["property"])
    assert set(words["footprint_factor"]) == {row["factor_id"] for row in load()["factor_footprint"].to_pylist()}
