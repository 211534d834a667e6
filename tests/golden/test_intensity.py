"""Energy per product and value against printed numbers, and the inventory by the items of a guideline."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_sandbox import query
from tests.golden.test_emissions import only


@pytest.fixture(scope="module")
def intensity(accounts: Path) -> list[dict[str, Any]]:
    return query(accounts, "select * from energy.intensity_annual")


@pytest.fixture(scope="module")
def inventory(accounts: Path) -> list[dict[str, Any]]:
    return query(accounts, "select * from carbon.inventory_annual")


def test_the_two_conventions_differ_and_are_never_added(intensity):
    calorific, equivalent = (
        only(intensity, organization_id="converter", basis="product", convention=name)["intensity"]
        for name in ("calorific", "equivalent")
    )
    # 6,000 kWh at 0.1229 and at 0.3024 kgce, less 3,257.4 kgce of gas sold, over 100 t
    assert (calorific, equivalent) == (Decimal("-25.2"), Decimal("-14.43"))


def test_a_converter_that_sells_its_gas_has_a_negative_intensity_and_negative_limits(accounts, intensity):
    limits = query(accounts, "select * from ref.benchmark_levels where level_id = 'level-gb_21256_2025-04'")[0]
    assert (limits["level_1"], limits["level_2"], limits["level_3"]) == (Decimal(-30), Decimal(-28), Decimal(-12))
    actual = only(intensity, organization_id="converter", basis="product", convention="calorific")["intensity"]
    assert limits["level_2"] < actual <= limits["level_3"]  # the least is the best: level 3 here, below zero


def test_what_rests_on_a_recalled_coefficient_says_so(accounts, intensity):
    months = query(accounts, "select * from energy.comprehensive_monthly")
    works = only(months, organization_id="works")
    # calorific: the gas; equivalent: all power too, because supply-side figures stand in for the generation side
    assert (works["recalled_tce_calorific"], works["calorific_confidence"]) == (Decimal("0.133"), "recalled")
    assert works["recalled_tce_equivalent"] == Decimal("30.24") + Decimal("15.12") + Decimal("6.048") + Decimal("0.133")
    power = only(months, organization_id="ex_power_per_kilogram")
    assert (power["recalled_tce_calorific"], power["calorific_confidence"]) == (0, "verified")
    assert only(months, organization_id="greened")["equivalent_confidence"] is None  # no number, no confidence
    years = query(accounts, "select * from energy.comprehensive_annual")
    assert only(years, organization_id="works")["calorific_confidence"] == "recalled"
    marks = {
        (row["organization_id"], row["convention"]): row["factor_confidence"]
        for row in intensity
        if row["basis"] == "product"
    }
    assert marks["ex_power_per_kilogram", "calorific"] == "verified"
    assert marks["converter", "calorific"] == "recalled"


@pytest.mark.parametrize(("period", "key"), [("monthly", "month"), ("annual", "year")])
def test_the_root_unit_is_the_organisation(accounts, period, key):
    measures = [
        f"{measure}_tce_{convention}"
        for measure in ("input", "output", "feedstock", "renewable", "comprehensive_energy", "recalled")
        for convention in ("calorific", "equivalent")
    ]
    columns = ", ".join(["organization_id", key, *measures, "calorific_confidence", "equivalent_confidence"])
    of_units = query(
        accounts,
        f"select {columns} from energy.comprehensive_units_{period} where energy_unit_id like '%_root' order by 1, 2",
    )
    whole = query(accounts, f"select {columns} from energy.comprehensive_{period} order by 1, 2")
    assert len(whole) > 20
    assert of_units == whole


def test_every_item_of_the_guideline_is_there_and_none_is_a_false_zero(inventory):
    rows = [row for row in inventory if row["organization_id"] == "ex_fuel_lng" and row["basis"] == "statutory"]
    states = {row["item_key"]: (row["item_status"], row["emissions_tco2e"] is None) for row in rows}
    assert states["combustion"][0] == "counted"
    assert states["process"] == ("not_implemented", True)
    assert states["purchased_heat"] == ("no_activity", True)
    assert states["total"] == ("incomplete", False)
    assert not [
        row for row in inventory if row["item_status"] in ("not_implemented", "no_activity") and row["line_count"]
    ]


@pytest.mark.parametrize("basis", ["location", "market", "statutory"])
def test_the_items_add_up_to_the_total(inventory, basis):
    looked_at = 0
    for total in (row for row in inventory if row["item_key"] == "total" and row["basis"] == basis):
        parts = [
            row["emissions_tco2e"] or Decimal(0)
            for row in inventory
            if all(row[name] == total[name] for name in ("organization_id", "year", "basis"))
            and row["item_key"] != "total"
        ]
        assert sum(parts, Decimal(0)) == (total["emissions_tco2e"] or Decimal(0)), total["organization_id"]
        looked_at += 1
    assert looked_at >= 40


def test_a_total_says_how_many_of_its_rows_rest_on_recalled_factors(inventory):
    total = only(inventory, organization_id="cement", basis="statutory", item_key="total")
    assert total["recalled_count"] == 0
    heated = only(inventory, organization_id="old", basis="location", item_key="total")
    assert heated["recalled_count"] == 2  # CH4 and N2O of the coke: the factors of IPCC 2006 were not seen
    assert only(inventory, organization_id="works", basis="location", item_key="total")["missing_count"] > 0


def test_a_guideline_that_the_library_does_not_know_counts_as_the_general_rules(inventory):
    rows = [row for row in inventory if row["organization_id"] == "stranger" and row["basis"] == "statutory"]
    states = {row["item_key"]: row["item_status"] for row in rows}
    assert (states["combustion"], states["process"]) == ("counted", "not_implemented")
    assert {row["guideline"] for row in rows} == {"gbt-32150-2025"}
