"""Standard coal per unit of a carrier: the printed coefficient, its period, and why one is missing."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_sandbox import query


@pytest.fixture(scope="module")
def coefficients(accounts: Path) -> list[dict[str, Any]]:
    return query(accounts, "select * from intermediate.int_factors__coal_equivalent")


def on(coefficients: list[dict[str, Any]], carrier: str, day: date) -> dict[str, Any]:
    found = [row for row in coefficients if row["carrier"] == carrier and row["valid_from"] <= day < row["valid_to"]]
    assert len(found) == 1, f"{carrier} on {day}: {len(found)} rows"
    return found[0]


@pytest.mark.parametrize(
    ("carrier", "tce", "read_at"),
    [
        # 电 0.1229、水 0.2571、天然气 1.3300、热 0.03412 tce/GJ、柴油 1.4571、汽油 1.4714: defaults of
        # GB/T 2589-2020 in the notes of a public energy-audit tool (read in an index of public repositories)
        ("electricity", "0.0001229", "energy-audit tool"),
        ("fresh_water", "0.0002571", "energy-audit tool"),
        ("natural_gas", "0.00133", "energy-audit tool"),
        ("heat", "0.03412", "energy-audit tool"),
        ("diesel", "1.4571", "energy-audit tool"),
        ("gasoline", "1.4714", "energy-audit tool"),
    ],
)
def test_a_printed_coefficient(coefficients, carrier, tce, read_at):
    assert on(coefficients, carrier, date(2025, 3, 1))["tce_calorific_per_unit"] == Decimal(tce), read_at


def test_the_edition_changes_on_the_day_it_came_into_force(coefficients):
    before, after = (on(coefficients, "anthracite", day) for day in (date(2021, 3, 31), date(2021, 4, 1)))
    assert (before["factor_id"], after["factor_id"]) == ("ce-gbt_2589_2008-raw_coal", "ce-gbt_2589_2020-raw_coal")
    assert (before["gj_per_unit"], after["gj_per_unit"]) == (Decimal("20.908"), Decimal("20.934"))


def test_the_equivalent_value_is_that_of_the_year_and_then_the_one_a_rule_adopts(coefficients):
    known, later = (on(coefficients, "electricity_grid", day) for day in (date(2024, 6, 1), date(2025, 6, 1)))
    assert known["tce_equivalent_per_unit"] == later["tce_equivalent_per_unit"] == Decimal("0.0003024")
    assert (known["equivalent_rule"], later["equivalent_rule"]) == ("figure_of_the_year", "other_year")
    assert (known["equivalent_is_fallback"], later["equivalent_is_fallback"]) == (False, True)
    assert later["equivalent_confidence"] == "recalled"


def test_a_range_takes_its_upper_end_and_says_so(coefficients):
    assert on(coefficients, "natural_gas", date(2025, 3, 1))["coefficient_rule"] == "upper_of_printed_range"


def test_steam_is_heat_by_its_enthalpy(coefficients):
    row = on(coefficients, "steam", date(2025, 3, 1))
    assert row["gj_per_unit"] == Decimal("2.7")  # (2783.74 - 83.74) / 1000
    assert row["tce_calorific_per_unit"] == Decimal("0.092124")
    assert row["coefficient_rule"] == "own_heat"


def test_ammonia_has_no_coefficient_until_the_site_adopts_one(coefficients):
    before, after = (on(coefficients, "ammonia", day) for day in (date(2025, 6, 30), date(2025, 7, 1)))
    assert (before["tce_calorific_per_unit"], before["null_reason"]) == (None, "needs_adoption")
    assert after["tce_calorific_per_unit"] == Decimal("0.634632")
    assert after["confidence"] == "recalled"


def test_every_carrier_has_exactly_one_row_a_day(coefficients):
    carriers = {row["carrier"] for row in coefficients}
    for carrier in carriers:
        for day in (date(1999, 1, 1), date(2021, 3, 31), date(2021, 4, 1), date(2024, 12, 31), date(2026, 1, 1)):
            on(coefficients, carrier, day)
    assert len(carriers) >= 59


def test_a_missing_coefficient_always_says_why(coefficients):
    missing = [row for row in coefficients if row["tce_calorific_per_unit"] is None]
    assert missing
    assert all(row["null_reason"] for row in missing)
