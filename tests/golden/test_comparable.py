"""Comparable energy per product: grades at the limits, months of several processes, and no grade without its inputs."""

from decimal import Decimal

import pytest

from tests.dbt_sandbox import query
from tests.golden import examples

GRADED = [example for example in examples.every() if "grade" in example]


@pytest.fixture(scope="module")
def comparable(accounts):
    return {row["organization_id"]: row for row in query(accounts, "select * from energy.comparable_annual")}


@pytest.mark.parametrize("example", GRADED, ids=lambda example: example["id"])
def test_a_grade_is_the_printed_one(comparable, example):
    row = comparable[examples.organization(example)]
    assert row["grade"] == example["grade"], example["says"]
    assert row["null_reason"] is None
    assert row["factor_confidence"] == "verified"


def test_there_are_grades_of_every_kind_and_at_every_limit():
    assert len(GRADED) == 13
    assert {example["grade"] for example in GRADED} == {"level_1", "level_2", "level_3", "beyond_3"}


@pytest.mark.parametrize(
    ("organization", "reason"),
    [
        ("washer_without", "no_energy"),
        ("washer_idle", "no_energy"),
        ("washer_named_not", "no_condition"),
        ("washer_strange", "unknown_condition"),
        ("washer_half", "no_condition"),
    ],
)
def test_without_an_input_there_is_no_number_and_no_grade(comparable, organization, reason):
    row = comparable[organization]
    assert row["null_reason"] == reason
    assert row["null_reason_name_zh"]
    assert row["null_reason_name_en"]
    assert (row["intensity"], row["comparable_energy_kwh"], row["grade"]) == (None, None, None)
    assert row["limit_3"] == Decimal("8.5")


def test_each_month_counts_by_its_own_process_and_what_was_sold_is_taken_off(comparable):
    row = comparable["washer_of_months"]
    assert row["energy_kwh"] == 1000
    assert row["comparable_energy_kwh"] == Decimal(500) * Decimal("1.26") + Decimal(500)
    assert (row["intensity"], row["grade"], row["months_count"]) == (Decimal("5.65"), "level_2", 2)
