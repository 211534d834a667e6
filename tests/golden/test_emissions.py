"""Emissions against numbers that others printed, exact to their last digit. Each says where it was read.

None of these was made by this code. `fuel table` is the seed of a table `emission_fossil_fuel_emission_factor` in the
SQL schema of a public rail-carbon platform (read in an index of public repositories on 2026-11-22; the index names the
file's text, not its repository); it prints heat value, carbon content, oxidation and the product to six digits.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_sandbox import query
from tests.golden.conftest import FUEL_TABLE


@pytest.fixture(scope="module")
def emissions(accounts: Path) -> list[dict[str, Any]]:
    return query(accounts, "select * from carbon.emissions_monthly")


def only(emissions: list[dict[str, Any]], **wanted: str) -> dict[str, Any]:
    found = [row for row in emissions if all(row[key] == value for key, value in wanted.items())]
    assert len(found) == 1, f"{wanted}: {len(found)} rows"
    return found[0]


@pytest.mark.parametrize(("carrier", "quantity", "unit", "printed"), FUEL_TABLE)
def test_a_fuel_of_the_provincial_inventory(emissions, carrier, quantity, unit, printed):
    row = only(emissions, organization_id="provincial", carrier=carrier, basis="all")
    assert row["activity"] == Decimal(quantity)
    assert row["factor_set"] == "provincial_inventory_2025"
    assert row["emissions_tco2"] == Decimal(printed)


def test_a_million_tonnes_of_diesel_keep_nine_digits(emissions):
    # eo = 3.095909637 kg CO2 per kg of oil: a published analysis script on heating technologies (MATLAB), which takes
    # 42.652 GJ/t, 0.0202 tC/GJ, 98 %; read in an index of public repositories on 2026-11-22.
    row = only(emissions, organization_id="works", carrier="diesel", basis="statutory")
    assert row["factor_set"] == "MEE_2022_2024_guides"
    assert round(row["emissions_tco2"]) == 3095910
    assert row["factor"].quantize(Decimal("1e-9")) == Decimal("3.095909637")


def test_bought_power_at_the_national_average(emissions):
    # 100 MWh x 0.5306 = 53.06 tCO2: github adgo07/GHGTOOL, tests/test_g06_carbon_material.py,
    # test_electricity_heat_and_steam_mapping_vectors (GB/T 32151.34-2024).
    row = only(emissions, organization_id="works", carrier="electricity_grid", basis="statutory")
    assert (row["factor"], row["factor_unit"]) == (Decimal("0.5306"), "kgCO2/kWh")
    assert row["emissions_tco2"] == Decimal("53.06")


def test_bought_heat_at_the_default(emissions):
    # 1,000 kg of steam x 2,800 kJ/kg x 0.11 = 0.308 tCO2: the same file and test.
    row = only(emissions, organization_id="works", carrier="heat", basis="statutory")
    assert row["emissions_tco2"] == Decimal("0.308")


def test_a_category_has_its_name_in_both_languages(emissions):
    names = {(row["source_category_name_zh"], row["source_category_name_en"]) for row in emissions}
    assert len(names) >= 4
    assert not [pair for pair in names if pair[0].isascii() or not pair[1].isascii()]


def test_an_independent_hand_finds_every_number(emissions):
    """Activity x factor, with another program's arithmetic: the whole mart, to the last printed digit."""
    looked_at = 0
    for row in emissions:
        if row["factor"] is None:
            assert row["emissions_tco2"] is None
            assert row["null_reason"]
            continue
        scale = Decimal("0.001") if row["factor_unit"].startswith("kg") else Decimal(1)
        exact = row["activity"] * row["factor"] * scale
        parts = 12 if row["organization_id"] == "park" else 2  # bought outside and inside, each rounded once
        assert abs(exact - row["emissions_tco2"]) <= Decimal("0.0000005") * parts, row["lineage_id"]
        looked_at += 1
    assert looked_at >= 40
