"""The product against numbers that others printed, exact to their last digit. worked/ says where each was read."""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lake.vocabulary import clauses
from tests.dbt_sandbox import query
from tests.golden import examples

ADDRESS = re.compile(r"https://github\.com/[^/]+/[^/]+/blob/[0-9a-f]{40}/.+|https://(?!github\.com).+/.+")


@pytest.fixture(scope="module")
def mart(accounts: Path) -> Any:
    return cache(lambda name: query(accounts, f"select * from {name}"))


def by_report(*, another: bool) -> list[dict[str, Any]]:
    return [example for example in examples.every() if ("gwp_set" in example) is another]


@pytest.mark.parametrize("example", by_report(another=False), ids=lambda example: example["id"])
def test_a_worked_example(mart, example):
    records = mart(example.get("mart", examples.EMISSIONS))
    assert examples.result(example, records) == Decimal(example["printed"]), example["says"]


@pytest.mark.parametrize("example", by_report(another=True), ids=lambda example: example["id"])
def test_a_worked_example_by_another_assessment_report(live, example):
    """The same views, after the guideline names another set of potentials; before, they printed another number."""
    lines = "select * from intermediate.int_carbon__rolled_up"
    printed = Decimal(example["printed"])
    assert examples.result(example, live.sql(lines).to_arrow_table().to_pylist()) not in (None, printed)
    live.execute(
        "update ref.guideline_sets set gwp_set = ? where guideline = ?", [example["gwp_set"], example["guideline"]]
    )
    assert examples.result(example, live.sql(lines).to_arrow_table().to_pylist()) == printed, example["says"]


def test_what_an_example_bought_is_converted_with_the_library_coefficient(mart):
    coefficients = [
        row
        for row in mart("intermediate.int_factors__coal_equivalent")
        if row["valid_from"] <= examples.MONTH < row["valid_to"]
    ]
    per_unit = {row["carrier"]: row["tce_calorific_per_unit"] for row in coefficients}
    looked_at = [
        (example["id"], entry)
        for example in examples.every()
        for entry in example.get("energy", [])
        if "tce_calorific" in entry and "given" not in entry
    ]
    for name, entry in looked_at:
        assert Decimal(entry["tce_calorific"]) == Decimal(entry["quantity"]) * per_unit[entry["carrier"]], name
    assert looked_at


def test_every_example_says_where_it_was_read_and_which_rule_it_shows():
    names = [example["id"] for example in examples.every()]
    assert len(names) == len(set(names))
    for example in examples.every():
        source = examples.sources()[example["source"]]
        assert source["what"], example["id"]
        assert "url" not in source or ADDRESS.fullmatch(source["url"]), example["id"]
        assert example["at"], example["id"]
        assert example["says"], example["id"]
        assert clauses()[example["clause"]].status == "implemented", example["id"]
    assert len({example["clause"] for example in examples.every()}) >= 16


def test_thirty_examples_count_and_a_table_counts_once():
    tables = {name for name, source in examples.sources().items() if source.get("table")}
    once = {name for name in tables if "url" in examples.sources()[name]}
    plain = [example for example in examples.every() if "url" in examples.sources()[example["source"]]]
    assert examples.counted() == len([example for example in plain if example["source"] not in tables]) + len(once)
    assert examples.counted() >= 30
