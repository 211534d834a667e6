"""The running month by hand: rates of published lines, what is told by month, members, budgets, and no foresight."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.budgets.course import Days
from methods.budgets.things import Key
from methods.estimate import lines, month, rows
from methods.estimate.lines import Source, Told
from methods.forecast import known, months

FIRST, COUNT = date(2025, 1, 1), 455
TODAY = FIRST + timedelta(COUNT - 1)  # 31 March 2026
GAS, POWER = Key("works", "fuel", "natural_gas"), Key("works", "bought", "electricity")
INPUT = Key("works", "input", None)
BURNT = Source("works", "works", "statutory", "combustion", "natural_gas", False)
BOUGHT = Source("works", "works", "statutory", "purchased_electricity", "electricity", True)
CLINKER = Source("works", "works", "statutory", "process", "clinker", False)
NAMES = {
    name: {"organization_name_zh": name, "organization_name_en": name, "level": level}
    for level, name in enumerate(("park", "works"))
}


def days_of(gas: float = 10.0, count: int = COUNT) -> Days:
    """Return days that use the same every day: gas, 100 of electricity, an input of 5."""
    keys = [GAS, POWER, INPUT]
    amounts = np.tile([gas, 100.0, 5.0], (count, 1))
    columns = {"works": known.columns(FIRST, count + 40, [], {"works"}, ())}
    return Days(FIRST, keys, amounts, amounts, columns)


def told_until(last: date, gas: float = 10.0) -> dict[Source, Told]:
    """Return lines of whole months: 2 t a gas, 0.5 t an electricity, a fifth of it with certificates, 3 t an input."""
    found = {BURNT: Told(), BOUGHT: Told(), CLINKER: Told()}
    one = FIRST
    while one <= last:
        length = (months.following(one) - one).days
        found[BURNT].months[one] = {"CO2": (gas * length, 2 * gas * length)}
        found[BOUGHT].months[one] = {"grid": (80.0 * length, 40.0 * length), "certificates": (20.0 * length, 0.0)}
        found[CLINKER].months[one] = {"CO2": (1.0, 15.0 * length)}
        one = months.following(one)
    return found


def test_a_rate_has_the_shares_of_the_last_month_and_the_factors_in_force() -> None:
    told, used = told_until(date(2025, 2, 1))[BOUGHT], {date(2025, 2, 1): 2800.0}
    assert lines.measured_rate(told, used, date(2025, 3, 1), is_running=True) == pytest.approx(0.4)
    told.months[date(2025, 3, 1)] = {"certificates": (20.0, 0.0)}  # the first day: all of it covered, so far
    assert lines.measured_rate(told, used, date(2025, 3, 1), is_running=True) == pytest.approx(0.4)
    told.months[date(2025, 3, 1)] = {"grid": (10.0, 6.0)}  # a new factor: 0.6
    assert lines.measured_rate(told, used, date(2025, 3, 1), is_running=True) == pytest.approx(0.48)
    assert lines.measured_rate(told, used, date(2025, 3, 1), is_running=False) == pytest.approx(0.4), "not known then"
    assert np.isnan(lines.measured_rate(told, used, date(2025, 7, 1), is_running=False)), "not seen for three months"


def test_what_is_told_by_month_follows_the_energy_of_the_year_before_the_last_month() -> None:
    told = Told({date(2025, number, 1): {"CO2": (1.0, float(number))} for number in range(1, 6)})
    energy = {date(2025, number, 1): 10.0 for number in range(1, 6)}
    assert lines.reckoned_rate(told, energy, date(2025, 5, 1)) == pytest.approx((1 + 2 + 3) / 30), "April is left out"
    assert np.isnan(lines.reckoned_rate(told, energy, date(2025, 2, 1)))


def accounts_of(days: Days, told: dict[Source, Told], today: date = TODAY) -> tuple[list[rows.Account], rows.Place]:
    place = rows.Place(
        NAMES,
        {"park": {"park", "works"}, "works": {"works"}},
        {},
        {},
        {("works", "statutory", today.replace(day=1)): ("1", Decimal(2500))},
    )
    return rows.accounts(month.course(days, told, today), told, place, today), place


def test_a_month_is_what_was_measured_reckoned_and_expected() -> None:
    days = days_of(count=COUNT - 21)  # 10 March 2026
    today = FIRST + timedelta(days.count - 1)
    accounts, place = accounts_of(days, told_until(date(2026, 2, 1)), today)
    seen = {account.organization_id: list(rows.estimates(account, FIRST, today, place))[-1] for account in accounts}
    works, park = seen["works"], seen["park"]
    assert works["as_of_date"] == today
    assert works["days_left"] == 21
    assert (works["measured_tco2e"], works["reckoned_tco2e"]) == (Decimal(600), Decimal(150)), "10 x (20 + 40), 10 x 15"
    assert float(works["expected_p50_tco2e"]) == pytest.approx(31 * 75, rel=1e-6)  # type: ignore[arg-type]
    assert float(works["estimated_ratio"]) == pytest.approx(1 - 600 / 2325, abs=1e-6)  # type: ignore[arg-type]
    assert works["is_latest"]
    assert works["actual_tco2e"] is None
    assert float(park["expected_p50_tco2e"]) == pytest.approx(31 * 35, rel=1e-6), (  # type: ignore[arg-type]
        "what members buy from each other is not the park's"
    )
    assert works["tested_count"] == 11, "March 2025 to January 2026: two months go before, February is being told"
    assert float(works["typical_error_ratio"]) < 1e-6  # type: ignore[arg-type]
    assert works["breach_probability"] == Decimal("0.041667"), "none of eleven errors is that large: 1/2 / (11 + 1)"


def test_a_month_that_lacks_a_kind_of_source_has_not_come_to_anything_yet() -> None:
    told = told_until(date(2026, 3, 1))
    del told[CLINKER].months[date(2026, 3, 1)]
    accounts, _ = accounts_of(days_of(), told)
    works = next(one for one in accounts if one.organization_id == "works")
    assert date(2026, 2, 1) in works.actual
    assert date(2026, 3, 1) not in works.actual


def test_the_sources_of_a_day_are_the_day() -> None:
    days = days_of(count=COUNT - 21)
    today = FIRST + timedelta(days.count - 1)
    told = told_until(date(2026, 2, 1))
    accounts, place = accounts_of(days, told, today)
    account = next(one for one in accounts if one.organization_id == "works")
    found = list(rows.sources(month.course(days, told, today), days, account, today, place))
    march = [row for row in found if row["month"] == date(2026, 3, 1)]
    assert len(march) == 3 * 31
    assert {str(row["state"]) for row in march if row["local_date"] <= today} == {"measured", "reckoned"}  # type: ignore[operator]
    assert {str(row["state"]) for row in march if row["local_date"] > today} == {"expected"}  # type: ignore[operator]
    tonnes = sum(float(row["emissions_tco2e"]) for row in march)  # type: ignore[arg-type]
    assert tonnes == pytest.approx(float(account.total.expected[-1]), rel=1e-9)


@settings(max_examples=10, deadline=None)
@given(place=st.integers(min_value=100, max_value=300), factor=st.floats(min_value=0.0, max_value=9.0))
def test_nothing_later_changes_what_was_seen(place: int, factor: float) -> None:
    first = days_of(count=330)
    later = first.amounts.copy()
    later[place + 1 :] *= factor
    other = Days(first.first, first.keys, later, later, first.columns)
    told, today = told_until(date(2025, 10, 1)), FIRST + timedelta(329)
    seen = [month.course(days, told, today) for days in (first, other)]
    since = (FIRST + timedelta(place)).replace(day=1)  # lines stay as they are, so only months before tell rates
    upto = slice((since - FIRST).days, place + 1)
    for one, two in zip((seen[0].day, seen[0].rest), (seen[1].day, seen[1].rest), strict=True):
        np.testing.assert_allclose(one[upto], two[upto], rtol=1e-6, atol=1e-6)
