"""Baselines: the regression to the certified digits, intervals that hold what they promise, planted causes found."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import signal, stats

from lake import described
from methods.baselines import regression, rows, savings
from methods.baselines.model import Periods, Wanted, fitted
from methods.baselines.regression import Numbers
from tests.unit.methods import nist

ROOT = Path(__file__).parents[3]

MONTHS = [date(2024 + number // 12, number % 12 + 1, 1) for number in range(24)]
TOLD = {
    "baseline_id": "works",
    "organization_id": "works",
    "energy_unit_id": "works",
    "organization_level": 1,
    "carrier": None,
    "grain": "month",
    "baseline_from": date(2024, 1, 1),
    "baseline_to": date(2025, 1, 1),
    "reporting_from": date(2025, 1, 1),
    "reporting_to": None,
} | {
    f"{name}_name_{language}": name for name in ("baseline", "organization", "energy_unit") for language in ("zh", "en")
}


def test_longley_to_the_certified_digits() -> None:
    found = regression.fit(list(nist.LONGLEY[:, 1:].T), nist.LONGLEY[:, 0])
    assert found is not None
    assert found.coefficients == pytest.approx(nist.LONGLEY_COEFFICIENTS, rel=1e-9)
    assert found.errors == pytest.approx(nist.LONGLEY_ERRORS, rel=1e-9)
    assert found.spread == pytest.approx(nist.LONGLEY_SPREAD, rel=1e-10)
    assert found.explained == pytest.approx(nist.LONGLEY_EXPLAINED, rel=1e-12)


def test_norris_to_the_certified_digits() -> None:
    found = regression.fit([nist.NORRIS[:, 1]], nist.NORRIS[:, 0])
    assert found is not None
    assert found.coefficients == pytest.approx(nist.NORRIS_COEFFICIENTS, rel=1e-11)
    assert found.errors == pytest.approx(nist.NORRIS_ERRORS, rel=1e-11)
    assert found.spread == pytest.approx(nist.NORRIS_SPREAD, rel=1e-11)
    assert found.explained == pytest.approx(nist.NORRIS_EXPLAINED, rel=1e-14)


def test_the_interval_of_one_value_is_that_of_the_textbook() -> None:
    """t RMSE √(1 + 1/n + (x − mean)² / Σ (x − mean)²): eq. 24 of Kissock, Haberl and Claridge 2003."""
    y, x = nist.NORRIS.T
    found = regression.fit([x], y)
    assert found is not None
    for at in (0.0, 400.0, 1500.0):
        about = (at - x.mean()) ** 2 / np.square(x - x.mean()).sum()
        by_hand = stats.t.ppf(0.95, x.size - 2) * found.spread * np.sqrt(1 + 1 / x.size + about)
        assert regression.half_width(found, [np.array([at])], 1, 0.90) == pytest.approx(by_hand, rel=1e-9)


def test_the_interval_of_a_year_is_near_the_rule_of_guideline_14() -> None:
    """ASHRAE Guideline 14: ΔE = t 1.26 CV E √((1 + 2/n) / m), where the variables repeat."""
    periods = year_of(np.random.default_rng(5), noise=30.0)
    model = fitted(Wanted(["steel"]), periods.chosen([month.year == 2024 for month in MONTHS]))
    assert model is not None
    after = periods.chosen([month.year == 2025 for month in MONTHS])
    half = regression.half_width(model.fit, model.columns(after), 12, 0.90)
    expected = regression.expected(model.fit, model.columns(after)).sum()
    rule = stats.t.ppf(0.95, 10) * 1.26 * model.fit.variation * expected * np.sqrt((1 + 2 / 12) / 12)
    assert half == pytest.approx(rule, rel=0.25)


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_nine_of_ten_intervals_hold_the_truth(memory: float) -> None:
    """Nothing was saved in 300 made-up years of days; intervals that forget the day before would be too narrow."""
    random = np.random.default_rng(11)
    held = 0
    for _ in range(300):
        noise = signal.lfilter([1.0], [1.0, -memory], random.normal(0, 1, 730))
        variable = random.uniform(0, 10, 730)
        energy = 100 + 3 * variable + noise
        found = regression.fit([variable[:365]], energy[:365], with_memory=True)
        assert found is not None
        half = regression.half_width(found, [variable[365:]], 365, 0.90)
        assert half is not None
        saving = regression.expected(found, [variable[365:]]).sum() - energy[365:].sum()
        held += abs(saving) <= half
    assert held / 300 == pytest.approx(0.90, abs=0.05)


def test_what_does_not_determine_a_line_gives_none() -> None:
    ones, y = np.ones(12), np.arange(12.0) + 1
    assert regression.fit([ones], y) is None
    assert regression.fit([y, 2 * y], y) is None
    assert regression.fit([np.zeros(12)], y) is None
    assert regression.fit([y[:2]], y[:2]) is None


def year_of(random: np.random.Generator, noise: float, saved: float = 0.0) -> Periods:
    """Return two years of months: 500 tce + 0.4 tce/t + noise, and what is saved in the second year."""
    output = 1000 + 300 * random.random(24)
    energy = 500 + 0.4 * output + random.normal(0, noise, 24) - saved * (np.arange(24) >= 12)
    days = np.array([float(((month + timedelta(days=32)).replace(day=1) - month).days) for month in MONTHS])
    return Periods(MONTHS, energy, energy * 1000, {"steel": output}, days, days, [np.array([])] * 24)


def test_a_planted_saving_is_verified_with_its_money() -> None:
    periods = year_of(np.random.default_rng(7), noise=5.0, saved=60.0)
    head, terms, months = rows.tables([rows.Baseline(TOLD, Wanted(["steel"]), periods, {"steel": "t"})])
    (told,) = head.to_pylist()
    assert told["verdict"] == "saved"
    assert told["saving_low_tce_calorific"] < 12 * 60 < told["saving_high_tce_calorific"]
    assert float(told["saving_tce_calorific"]) == pytest.approx(720, abs=60)
    assert float(told["saving_cny"]) == pytest.approx(1000 * float(told["saving_tce_calorific"]), rel=1e-6)
    assert told["is_adequate"]
    assert [row["term"] for row in terms.to_pylist()] == ["constant", "steel"]
    assert float(terms["value"][1].as_py()) == pytest.approx(0.4, abs=0.05)
    listed = months.to_pylist()
    assert [row["month"] for row in listed] == MONTHS[12:]
    assert abs(sum(row["saving_tce_calorific"] for row in listed) - told["saving_tce_calorific"]) < Decimal("0.0001")
    assert listed[-1]["cumulative_saving_tce_calorific"] == told["saving_tce_calorific"]
    assert all(
        row["expected_tce_calorific"] - row["actual_tce_calorific"] == row["saving_tce_calorific"] for row in listed
    )


def test_nothing_saved_is_not_told_as_a_saving() -> None:
    (told,) = tables(year_of(np.random.default_rng(8), noise=30.0))
    assert told["verdict"] == "within_uncertainty"


def test_more_used_is_told_as_such() -> None:
    (told,) = tables(year_of(np.random.default_rng(9), noise=5.0, saved=-60.0))
    assert told["verdict"] == "increased"


def test_a_month_beyond_what_the_baseline_saw_is_marked() -> None:
    periods = year_of(np.random.default_rng(7), noise=5.0)
    periods.outputs["steel"][20] *= 2
    _, _, months = rows.tables([rows.Baseline(TOLD, Wanted(["steel"]), periods)])
    assert [row["month"] for row in months.to_pylist() if not row["is_within_range"]] == [MONTHS[20]]


def test_eleven_months_are_no_baseline() -> None:
    periods = year_of(np.random.default_rng(7), noise=5.0).chosen([month != MONTHS[3] for month in MONTHS])
    (told,) = tables(periods)
    assert told["null_reason"] == "too_few_periods"
    assert told["saving_tce_calorific"] is None


def tables(periods: Periods) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.tables([rows.Baseline(TOLD, Wanted(["steel"]), periods)])[0].to_pylist()
    return found


def days(random: np.random.Generator, heating: float, cooling: float, noise: float) -> Periods:
    """Return a year of days whose use rises below 12 °C and above 24 °C."""
    starts = [date(2024, 1, 1) + timedelta(days=number) for number in range(366)]
    season = -np.cos(2 * np.pi * np.arange(366) / 366)
    temperature: Numbers = 16 + 12 * season + random.normal(0, 3, 366)
    working = np.array([float(day.weekday() < 5) for day in starts])
    weather = heating * np.maximum(12 - temperature, 0) + cooling * np.maximum(temperature - 24, 0)
    energy = 10 + 4 * working + weather + random.normal(0, noise, 366)
    return Periods(starts, energy, energy, {}, np.ones(366), working, [np.array([one]) for one in temperature])


BOTH = Wanted(working_days=True, heating=True, cooling=True, is_daily=True)


def test_the_temperatures_at_which_heating_and_cooling_begin_are_found() -> None:
    model = fitted(BOTH, days(np.random.default_rng(3), 0.8, 0.5, 0.3))
    assert model is not None
    assert model.terms == ["constant", "working_days", "heating", "cooling"]
    assert model.bases == pytest.approx({"heating": 12, "cooling": 24}, abs=0.5)
    assert model.fit.coefficients == pytest.approx([10, 4, 0.8, 0.5], abs=0.06)
    assert model.fit.parameters == 6
    assert rows.equation(model, "day").startswith("tce/day = ")


def test_weather_that_does_nothing_is_left_out() -> None:
    model = fitted(BOTH, days(np.random.default_rng(4), 0.0, 0.0, 0.3))
    assert model is not None
    assert model.terms == ["constant", "working_days"]


def test_of_both_the_one_that_matters_is_kept() -> None:
    model = fitted(BOTH, days(np.random.default_rng(3), 0.8, 0.0, 0.3))
    assert model is not None
    assert model.terms == ["constant", "working_days", "heating"]


def test_a_poor_line_carries_no_saving() -> None:
    good = days(np.random.default_rng(3), 0.8, 0.5, 0.3)
    poor = replace(good, energy=good.energy + np.random.default_rng(1).normal(0, 6, 366))
    for periods, expected in ((good, True), (poor, False)):
        model = fitted(BOTH, periods)
        assert model is not None
        assert savings.is_adequate(model) is expected


def test_the_marts_are_described_column_by_column() -> None:
    described_as = described.marts(ROOT / "methods/marts.yaml")
    for mart, schema in (
        ("energy.baselines", rows.BASELINES),
        ("energy.baseline_terms", rows.TERMS),
        ("energy.baseline_savings_monthly", rows.SAVINGS),
    ):
        assert list(described_as[mart]["columns"]) == schema.names
