"""What holds of every row of the emissions: names in both languages, and arithmetic that another hand finds again."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_sandbox import query


@pytest.fixture(scope="module")
def emissions(accounts: Path) -> list[dict[str, Any]]:
    return query(accounts, "select * from carbon.emissions_monthly")


def only(emissions: list[dict[str, Any]], **wanted: str) -> dict[str, Any]:
    found = [row for row in emissions if all(row[key] == value for key, value in wanted.items())]
    assert len(found) == 1, f"{wanted}: {len(found)} rows"
    return found[0]


def test_a_category_has_its_name_in_both_languages(emissions):
    names = {(row["source_category_name_zh"], row["source_category_name_en"]) for row in emissions}
    assert len(names) >= 6
    assert not [pair for pair in names if pair[0].isascii() or not pair[1].isascii()]


def test_an_independent_hand_finds_every_number(emissions):
    """Activity x factor x potential, with another program's arithmetic: the whole mart, to the last printed digit."""
    scales = {"kg": Decimal("0.001"), "kgCH4/TJ": Decimal("0.000001"), "kgN2O/TJ": Decimal("0.000001")}
    looked_at = 0
    for row in emissions:
        if row["factor"] is None or row["activity"] is None:
            assert row["emissions_tco2e"] is None
            assert row["null_reason"]
            continue
        unit = row["factor_unit"]
        scale = scales.get(unit, scales["kg"] if unit.startswith("kg") else Decimal(1))
        exact = row["activity"] * row["factor"] * scale
        parts = 200 if row["organization_id"] in ("park", "site", "examples") else 2  # every member rounds once
        assert abs(exact - row["emissions_t"]) <= Decimal("0.0000005") * parts, row["lineage_id"]
        slack = Decimal("0.0000005") * parts + abs(row["activity"]) * row["gwp"] * Decimal("1e-12")
        assert abs(exact * row["gwp"] - row["emissions_tco2e"]) <= slack, row["lineage_id"]
        looked_at += 1
    assert looked_at >= 150
