"""Every guideline of the library asked of an organisation of its own: what the inventory says of each of its items."""

from collections import Counter
from decimal import Decimal

import pytest

from factors.load import load
from tests.dbt_sandbox import query
from tests.golden.conftest import ASKED


@pytest.fixture(scope="module")
def items():
    return load()["guideline_items"].to_pylist()


@pytest.fixture(scope="module")
def inventory(accounts):
    """Return guideline -> its rows of the one account that every guideline has."""
    rows = query(accounts, "select * from carbon.inventory_annual where basis = 'statutory'")
    asked = {name: [row for row in rows if row["organization_id"] == name] for name in ASKED}
    return {ASKED[name]: found for name, found in asked.items()}


def test_an_inventory_lists_every_item_that_its_guideline_asks_for(items, inventory):
    wanted = {(item["guideline"], item["item_key"], item["name_zh"], item["source_category"]) for item in items}
    listed = {
        (guideline, row["item_key"], row["item_name_zh"], row["source_category"])
        for guideline, rows in inventory.items()
        for row in rows
        if row["item_key"] not in {"total", "other"}
    }
    assert listed == wanted
    assert len(listed) == len(items) == 422


def test_an_item_without_a_formula_says_so_and_is_never_zero(items, inventory):
    states = Counter(item["status"] for item in items)
    assert states == {"implemented": 383, "not_implemented": 39}
    unknown = {(item["guideline"], item["item_key"]) for item in items if item["status"] == "not_implemented"}
    shown = {
        (guideline, row["item_key"])
        for guideline, rows in inventory.items()
        for row in rows
        if row["item_status"] == "not_implemented"
    }
    assert shown == unknown
    for guideline, rows in inventory.items():
        for row in rows:
            if row["item_status"] in {"not_implemented", "no_activity"}:
                assert row["emissions_tco2e"] is None, (guideline, row["item_key"])
                assert row["emissions_tco2"] is None, (guideline, row["item_key"])
        [total] = [row for row in rows if row["item_key"] == "total"]
        lacks = any(row["item_status"] in {"not_implemented", "incomplete"} for row in rows if row is not total)
        assert (total["item_status"] == "incomplete") is lacks, guideline


def test_the_gas_that_was_burnt_is_in_the_item_for_fuel_wherever_a_guideline_has_one(inventory):
    burnt = {
        guideline: sum((row["emissions_tco2e"] or Decimal(0) for row in rows if row["item_key"] != "total"), Decimal(0))
        for guideline, rows in inventory.items()
    }
    assert len(burnt) == len(ASKED)
    assert {guideline for guideline, value in burnt.items() if value <= 0} == set()


@pytest.mark.parametrize(("category", "at_least"), [("sequestered", 3), ("recovered", 8)])
def test_bound_and_recovered_carbon_are_items_of_their_own(items, inventory, category, at_least):
    having = {item["guideline"] for item in items if item["source_category"] == category}
    assert len(having) >= at_least
    for guideline in having:
        rows = [row for row in inventory[guideline] if row["source_category"] == category]
        assert rows, guideline
        assert {row["item_status"] for row in rows} == {"no_activity"}, guideline
