"""Points of energy-saving targets by the steps of the library, by hand: what was met, by how much it was missed."""

from decimal import Decimal
from typing import Any

import pytest

from factors import load
from methods.benchmarks.targets import assessed


@pytest.fixture(scope="module")
def steps() -> list[dict[str, Any]]:
    return load.load()["assessment_steps"].to_pylist()


def target(rule: str | None, value: str, actual: str | None, full: int | None, **more: Any) -> dict[str, Any]:
    row = {"year": 2025, "organization_id": "works", "energy_unit_id": "works", "indicator": "comprehensive_energy"}
    row |= {"basis": None, "value": Decimal(value), "unit": "tce", "cumulative_value": None, "rule": rule}
    row |= {"actual": actual and Decimal(actual), "actual_unit": "tce", "months_count": 12}
    return row | {"full_score": None if full is None else Decimal(full), "reason": "why"} | more


def intensity(value: str, cumulative: str | None, actual: str, full: int = 35) -> dict[str, Any]:
    planned = cumulative and Decimal(cumulative)
    return target("unit_energy", value, actual, full, indicator="intensity", basis="product", cumulative_value=planned)


@pytest.mark.parametrize(
    ("actual", "score"),
    [("100", 15), ("100.000001", 10), ("110", 10), ("110.000001", 5), ("120", 5), ("120.000001", 0), ("0", 15)],
)
def test_an_amount_is_scored_by_how_far_it_was_passed(steps, actual, score):
    (row,) = assessed([target("energy_cap", "100", actual, 15)], steps)
    assert (row["score"], row["annual_met"]) == (score, score == 15)
    assert row["deviation_ratio"] == Decimal(actual) / 100 - 1


@pytest.mark.parametrize(
    ("annual", "cumulative", "score"), [("100", "100", 35), ("90", "100", 20), ("100", "90", 10), ("90", "90", 0)]
)
def test_an_intensity_is_scored_by_the_year_and_by_the_plan(steps, annual, cumulative, score):
    (row,) = assessed([intensity(annual, cumulative, "95")], steps)
    assert (row["score"], row["full_score"]) == (score, 35)
    (row,) = assessed([intensity(annual, cumulative, "95", full=70)], steps)
    assert row["score"] == 2 * score


def _year(measures: int, annual: str = "100", cumulative: str = "100") -> list[dict[str, Any]]:
    told = target("told", str(measures), None, 50, indicator="measures")
    return [intensity(annual, cumulative, "95"), target("energy_cap", "100", "100", 15), told]


@pytest.mark.parametrize(
    ("measures", "result"),
    [(45, "exceeded"), (44, "met"), (30, "met"), (29, "nearly_met"), (10, "nearly_met"), (9, "not_met")],
)
def test_the_total_has_its_grade_at_95_80_and_60(steps, measures, result):
    total = assessed(_year(measures), steps)[-1]
    assert (total["indicator"], total["score"], total["full_score"]) == ("total", 50 + measures, 100)
    assert total["result"] == result
    assert total["outcome_name_en"] == total["result_name_en"]


def test_without_its_intensity_a_unit_has_not_met_its_targets_whatever_its_points(steps):
    total = assessed(_year(50, annual="90", cumulative="90"), steps)[-1]
    assert (total["score"], total["result"]) == (65, "not_met")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (target("energy_cap", "100", None, 15), "no_actual"),
        (target("energy_cap", "100", "90", 15, months_count=11), "year_not_over"),
        (target("energy_cap", "100", "90", 15, actual_unit="kgce/t"), "unit_differs"),
        (target(None, "100", "90", 15), "no_rule"),
        (target("energy_cap", "100", "90", None), "no_rule"),
        (intensity("100", None, "95"), "no_cumulative"),
    ],
)
def test_what_lacks_something_has_no_points_and_says_why(steps, row, why):
    (found,) = assessed([row], steps)
    assert (found["score"], found["null_reason"]) == (None, why)
    assert found["null_reason_name_zh"]
    total = assessed([row, target("energy_cap", "100", "90", 15)], steps)[-1]
    if row["rule"]:
        assert (total["score"], total["result"], total["null_reason"]) == (None, None, "part_missing")


def test_one_part_alone_makes_no_total(steps):
    assert [row["indicator"] for row in assessed([target("energy_cap", "100", "90", 15)], steps)] == [
        "comprehensive_energy"
    ]
