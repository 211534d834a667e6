"""Budgets by hand: which version is in force, how a month and a year stand, what a draft and a gap do."""

from datetime import date
from decimal import Decimal
from math import nan

import numpy as np
import pytest

from methods.budgets import status, things, versions
from methods.budgets.status import Budgeted
from methods.budgets.versions import Line
from methods.forecast.landing import Errors, Landing
from methods.forecast.outlook import Seen

YEAR = [date(2025, number, 1) for number in range(1, 13)]
NAMES = {"organization_id": "works", "energy_unit_id": "works", "measure": "cost", "carrier": None}
#: 4 errors of weight 1: with the next one's own weight, a fifth each.
ERRORS = Errors(np.array([-1.0, 0.0, 1.0, 2.0]), np.ones(4), np.array([10.0]), 1.0, -1.0, 0.0, 2.0)


def version(name: str, amount: int, begins: date, approved: date | None, months: list[date] = YEAR) -> list[Line]:
    by = "Li" if approved else None
    return [Line(month, name, Decimal(amount), begins, by, approved, f"why {name}") for month in months]


PLAN = version("1", 100, YEAR[0], date(2024, 12, 10))
CHANGE = version("2", 120, YEAR[6], date(2025, 6, 20), YEAR[6:])


def test_a_later_version_takes_over_from_its_first_month_on() -> None:
    lines = [*version("2", 120, YEAR[6], date(2025, 6, 20)), *PLAN]
    found = versions.in_force(lines, date(2025, 12, 31))
    assert [found[month].version for month in YEAR] == ["1"] * 6 + ["2"] * 6
    assert sum(line.quantity for line in found.values()) == 6 * 100 + 6 * 120
    before = versions.in_force(lines, date(2025, 6, 19))
    assert {line.version for line in before.values()} == {"1"}, "nobody had approved it yet"


def test_a_draft_counts_nowhere_and_is_named() -> None:
    lines = [*PLAN, *version("3", 90, YEAR[9], None)]
    assert {line.version for line in versions.in_force(lines, date(2025, 12, 31)).values()} == {"1"}
    assert list(versions.drafts(lines, date(2025, 12, 31))) == YEAR[9:]
    assert versions.in_force(version("3", 90, YEAR[0], None), date(2025, 12, 31)) == {}


def test_of_two_that_begin_together_the_one_approved_last_counts_and_left_out_months_stay() -> None:
    lines = [*PLAN, *version("1b", 80, YEAR[0], date(2025, 1, 20), YEAR[:3])]
    found = versions.in_force(lines, date(2025, 2, 1))
    assert [found[month].quantity for month in YEAR[:5]] == [80, 80, 80, 100, 100]
    assert found == versions.in_force(reversed(lines), date(2025, 2, 1))


def budgeted(lines: list[Line], whole: int, landing: Landing) -> Budgeted:
    """Return a thing that used 110 in each whole month, seen at the end of the last of them."""
    actual = {month: (Decimal(110), True) for month in YEAR[:whole]}
    on = date(2025, whole + 1, 1) if whole < 12 else date(2026, 1, 1)
    path = {month: Landing(1, 2, 3, 2, 1) for month in YEAR[whole:]}
    seen = {YEAR[whole - 1]: Seen(date.fromordinal(on.toordinal() - 1), landing, ERRORS, path)}
    return Budgeted(NAMES, "CNY", tuple(lines), actual, seen)


def test_a_year_half_way_by_hand() -> None:
    thing = budgeted([*PLAN, *CHANGE], 6, Landing(1290, 1300, 1320, 1300, 10))
    rows = list(status.rows(thing, date(2025, 6, 30), (0.8, 200)))
    assert [row["month"] for row in rows] == YEAR
    june, july = rows[5], rows[6]
    assert (june["budget"], june["actual"], june["deviation"], june["deviation_ratio"]) == (
        100,
        110,
        10,
        Decimal("0.1"),
    )
    assert (june["budget_to_date"], june["actual_to_date"], june["deviation_to_date"]) == (600, 660, 60)
    assert june["year_budget"] == 6 * 100 + 6 * 120
    assert june["landing_deviation"] == 1300 - 1320
    # Above 1320 are errors above (1320 - 1300) / 10 = 2: none of the four, and half of the next one's own weight.
    assert june["breach_probability"] == Decimal("0.1000")
    assert june["is_latest"] and not july["is_latest"]
    assert (july["budget"], july["budget_version"], july["reason"]) == (120, "2", "why 2")
    assert (july["actual"], july["deviation"], july["landing_p50"]) == (None, None, None)
    assert (june["to_date_p50"], july["to_date_p50"]) == (660, 2)
    assert july["landing_actual"] is None


def test_what_was_seen_is_held_against_the_budget_of_that_day() -> None:
    thing = budgeted([*PLAN, *CHANGE], 5, Landing(1200, 1250, 1300, 1250, 10))
    may = list(status.rows(thing, date(2025, 12, 31), (nan, 0)))[4]
    assert may["year_budget"] == 1200, "the change was approved in June"
    assert may["breach_probability"] == Decimal("0.9000")
    assert may["landing_coverage_ratio"] is None


def test_a_year_that_is_over_is_certain() -> None:
    for budget, chance in ((100, 1), (120, 0)):
        thing = budgeted(version("1", budget, YEAR[0], date(2024, 12, 1)), 12, Landing(1320, 1320, 1320, 1320, 0))
        december = list(status.rows(thing, date(2025, 12, 31), (0.8, 9)))[-1]
        assert (december["landing_actual"], december["breach_probability"]) == (1320, chance)


def test_no_approval_and_no_whole_year_is_no_budget() -> None:
    draft = budgeted(version("1", 100, YEAR[0], None), 3, Landing(1200, 1250, 1300, 1250, 10))
    march = list(status.rows(draft, date(2025, 3, 31), (0.8, 9)))[2]
    assert (march["budget"], march["draft_budget"], march["draft_version"]) == (None, 100, "1")
    assert (march["breach_probability"], march["deviation"], march["landing_p50"]) == (None, None, 1250)
    half = budgeted(version("1", 100, YEAR[6], date(2024, 12, 1)), 8, Landing(1200, 1250, 1300, 1250, 10))
    august = list(status.rows(half, date(2025, 8, 31), (0.8, 9)))[7]
    assert (august["budget"], august["deviation"]) == (100, 10)
    assert (august["year_budget"], august["breach_probability"]) == (None, None), "six months have no budget"


def test_rows_of_the_file_become_things_in_the_unit_that_is_counted() -> None:
    row = {
        **{"organization_id": "works", "energy_unit_id": "works", "measure": "carrier", "carrier": "electricity"},
        **{"version": "1", "month": YEAR[0], "quantity": Decimal("1.5"), "unit": "MWh", "valid_from": YEAR[0]},
        **{"approved_by": "Li", "approved_on": YEAR[0], "reason": "plan", "carrier_name_zh": "电力"},
        "carrier_name_en": "electricity",
    }
    found, refused = things.grouped([row, {**row, "unit": "t", "version": "2"}], {("works", "electricity"): "kWh"})
    assert [(thing.unit, [line.quantity for line in thing.lines]) for thing in found] == [("kWh", [1500])]
    assert found[0].names["measure_name_en"] == "Quantity: electricity"
    assert len(refused) == 1
    assert "budget 2 of works, electricity" in refused[0]
    assert things.keys(found) == [things.Key("works", "carrier", "electricity")]


@pytest.mark.parametrize("order", [1, -1])
def test_a_thing_does_not_depend_on_the_order_of_its_lines(order: int) -> None:
    thing = budgeted([*PLAN, *CHANGE][::order], 6, Landing(1290, 1300, 1320, 1300, 10))
    rows = list(status.rows(thing, date(2025, 6, 30), (0.8, 200)))
    assert [row["budget"] for row in rows] == [100] * 6 + [120] * 6
