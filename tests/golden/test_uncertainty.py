"""What the numbers of a small organisation rest on: two gas meters, a power meter, ranges that a rule lends."""

import math
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from factors.load import load
from methods.uncertainty import rows
from methods.uncertainty.draws import Sampler
from tests.dbt_sandbox import query

GAS_CO2 = "all/combustion/natural_gas/co2/combustion/default/fuel-mee_2022_2024_guides-natural_gas"


@pytest.fixture(scope="module")
def inputs(accounts: Path) -> list[dict[str, Any]]:
    return query(accounts, "select * from carbon.uncertainty_inputs_annual")


def of(inputs: list[dict[str, Any]], organization: str, line: str) -> dict[tuple[str, str], dict[str, Any]]:
    chosen = [row for row in inputs if row["organization_id"] == organization and row["line_id"] == line]
    return {(row["input_id"], row["property"]): row for row in chosen}


def test_a_line_rests_on_its_meters_and_on_lent_ranges(inputs):
    found = of(inputs, "doubted", GAS_CO2)
    assert set(found) == {
        ("gas_a", "activity"),
        ("gas_b", "activity"),
        ("IPCC_2006/natural_gas/net_calorific_value", "net_calorific_value"),
        ("IPCC_2006/natural_gas/co2_per_heat", "co2_per_heat"),
    }
    assert [found[name, "activity"]["share_ratio"] for name in ("gas_a", "gas_b")] == [Decimal("0.4"), Decimal("0.6")]
    heat = found["IPCC_2006/natural_gas/net_calorific_value", "net_calorific_value"]
    assert (heat["low_ratio"], heat["high_ratio"]) == (Decimal("0.03125"), Decimal("0.05"))  # 48.0, 46.5 to 50.4
    assert (heat["range_rule"], heat["range_confidence"]) == ("rule", "recalled")
    _, line = rows.lines(list(found.values()))[2025, "doubted", GAS_CO2]
    table = rows.line_rows(rows.lines(list(found.values())), set()).to_pylist()
    activity = 1.959964 / math.sqrt(3) * math.hypot(0.4 * 0.01, 0.6 * 0.02)
    assert math.isclose(table[0]["u95_ratio"], math.hypot(activity, 0.05, 2200 / 56100), rel_tol=1e-4)
    assert line.is_covered


def test_nothing_is_lent_without_a_rule(inputs):
    lines = [row["line_id"] for row in inputs if row["organization_id"] == "centre"]
    found = of(inputs, "centre", next(line for line in lines if line.startswith("all/combustion/natural_gas/co2")))
    factor = [row for row in found.values() if row["input_kind"] == "factor"]
    assert len(factor) == 2
    assert {(row["low_ratio"], row["range_rule"]) for row in factor} == {(None, None)}
    assert {row["input_kind"] for row in found.values()} == {"unknown", "factor"}  # no meter stands behind it


def test_methane_has_its_own_range_and_shares_the_meters(inputs):
    lines = {row["line_id"] for row in inputs if row["organization_id"] == "doubted" and row["gas"] == "CH4"}
    assert len(lines) == 1
    found = of(inputs, "doubted", lines.pop())
    methane = found["IPCC_2006_nonCO2/stationary_gas/ch4_per_heat", "ch4_per_heat"]
    assert (methane["low_ratio"], methane["high_ratio"]) == (Decimal("0.7"), Decimal(2))
    assert methane["range_rule"] is None  # the set prints it itself
    assert {"gas_a", "gas_b"} <= {name for name, _ in found}


def test_a_grid_factor_has_no_published_range(inputs):
    lines = {row["line_id"] for row in inputs if row["organization_id"] == "doubted" and row["scope"] == 2}
    assert len(lines) == 3
    for line in lines:
        found = of(inputs, "doubted", line)
        assert ("power", "activity") in found
        assert [row["low_ratio"] for row in found.values() if row["input_kind"] == "factor"] == [None]


def test_the_lines_add_up_to_the_inventory_and_the_shares_to_one(accounts, inputs):
    found = rows.lines(inputs)
    organizations = query(
        accounts,
        "select ancestor_id as organization_id, descendant_id as member_id, name_zh, name_en, level "
        "from staging.stg_site__organization_closure "
        "inner join staging.stg_site__organization on organization_id = ancestor_id",
    )
    totals = rows.total_rows(found, set(), organizations, Sampler(50)).to_pylist()
    inventory = {
        (row["year"], row["organization_id"], row["basis"]): row["emissions_tco2e"]
        for row in query(accounts, "select * from carbon.inventory_annual where item_key = 'total'")
        if row["emissions_tco2e"] is not None
    }
    summed = {
        (row["year"], row["organization_id"], row["basis"]): row["emissions_tco2e"]
        for row in totals
        if row["part"] == "total"
    }
    assert len(summed) > 100
    assert {key: value for key, value in summed.items() if inventory[key] != value} == {}
    shares: defaultdict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
    for row in inputs:
        if row["property"] == "activity":
            shares[row["year"], row["organization_id"], row["line_id"]] += row["share_ratio"]
    assert {key: share for key, share in shares.items() if abs(share - 1) > Decimal("0.00000001")} == {}


def test_the_recalled_ranges_belong_to_the_numbers_of_the_library():
    """The middle of each range is the number that the library has of the same fuel and set."""
    names = {
        "bituminous_coal": "other_bituminous",
        "coke": "coke_oven_coke",
        "gasoline": "motor_gasoline",
        "kerosene": "other_kerosene",
        "diesel": "gas_diesel_oil",
        "fuel_oil": "residual_fuel_oil",
        "refinery_dry_gas": "refinery_gas",
        "converter_gas": "oxygen_steel_furnace_gas",
    }
    library = load()
    numbers = {(row["factor_set"], row["fuel_key"], row["gas"]): row for row in library["factor_fuel"].to_pylist()}
    ranges = library["factor_uncertainty"].to_pylist()
    assert len(ranges) == 40
    for row in ranges:
        gas = {"ch4_per_heat": "CH4", "n2o_per_heat": "N2O"}.get(row["property"], "CO2")
        number = numbers[row["factor_set"], names.get(row["fuel_key"], row["fuel_key"]), gas]
        middle = {
            "net_calorific_value": number["ncv_gj_per_unit"],
            "co2_per_heat": number["tco2_per_gj"] and number["tco2_per_gj"] * 1_000_000,
        }.get(row["property"], number["factor"])
        assert row["low"] < row["value"] == middle < row["high"], row["uncertainty_id"]
