"""Allowances by the published rules, worked by hand: power units, cement, steel, aluminium; and where a year lands.

No printed example of a whole calculation was found. The branches of α at ±20 % are those of a public implementation of
the draft of 2026 (α = 0.15 X within, +3 % from X = 20 % on, −3 % from X = −20 % on); all else is worked from the rule.
"""

import math
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from factors import load
from methods.quota import landing, library, rows, rules
from methods.quota.case import Amounts
from methods.quota.library import Library
from methods.quota.rows import Subject
from methods.quota.rules import MissingError, Unit

D = Decimal


@pytest.fixture(scope="module")
def printed() -> Library:
    tables = load.load()
    return library.library(tables["ets_rules"].to_pylist(), tables["ets_allocation"].to_pylist())


def power(
    printed: Library, year: int, unit: Unit, electricity: str, *, heat: str = "0", emissions: str = "0"
) -> rules.Quota:
    plan = printed.plan("power", year)
    assert plan is not None
    return rules.power(plan, unit, D(electricity), D(heat), D(emissions))


def near(quota: Decimal, worked: float) -> bool:
    return abs(float(quota) - worked) < 0.01


def test_a_condensing_unit_at_72_percent_in_2021(printed: Library) -> None:
    """300MW 等级以上, water-cooled, 3 TWh supplied: F_f = 1.015^(16 − 20 x 0.72) = 1.015^1.6."""
    found = power(printed, 2021, Unit("c300p", "water", "condensing", D("0.72")), "3000000")
    assert near(found.quota_t, 0.8218 * 3_000_000 * math.exp(1.6 * math.log(1.015)))
    assert found.formula.startswith("0.8218 × 3000000 MWh × F_f 1.0241")


@pytest.mark.parametrize(
    ("load", "factor"),
    [("0.90", "1"), ("0.85", "1"), ("0.82", "1.0042"), ("0.80", "1.007"), ("0.78", "1.0102"), ("0.75", "1.015")],
)
def test_the_steps_of_the_load_factor(printed: Library, load: str, factor: str) -> None:
    found = power(printed, 2022, Unit("c300m", "water", "condensing", D(load)), "1000")
    assert found.terms["load_factor"] == D(factor)


def test_below_the_steps_the_power_begins_where_they_end(printed: Library) -> None:
    found = power(printed, 2022, Unit("c300m", "water", "condensing", D("0.7499999")), "1000")
    assert abs(found.terms["load_factor"] - D("1.015")) < D("0.0001")


def test_an_air_cooled_unit_with_heat_in_2021(printed: Library) -> None:
    """300MW 等级及以下: 0.8773 x 1.5 TWh x 1.05 x (1 − 0.22 x 0.2) + 0.1111 x 2 PJ = 1,320,950.61 + 222,200."""
    unit = Unit("c300m", "air", "extraction", D("0.6"), D("0.2"))
    found = power(printed, 2021, unit, "1500000", heat="2000000")
    assert found.quota_t == D("1320950.610") + D("222200")
    assert found.terms["load_factor"] == 1, "it is no condensing unit"


def test_from_2023_generation_and_load_following_alone_count(printed: Library) -> None:
    """0.809 x 1.6 TWh generated x 1.015^(16 − 12): neither cooling nor heat corrects, and every turbine is."""
    found = power(printed, 2023, Unit("c300m", "air", "extraction", D("0.60"), D("0.2")), "1600000", heat="1000")
    assert near(found.quota_t, 0.809 * 1_600_000 * 1.015**4 + 0.1038 * 1000)
    assert power(printed, 2024, Unit("c300m", load_ratio=D("0.65")), "1").terms["load_factor"] == 1


def test_gas_has_its_own_heat_factor_and_is_made_up_to_its_emissions(printed: Library) -> None:
    """0.3901 x 200 GWh x (1 − 0.6 x 0.5) + 0.0557 x 1 PJ = 54,614 + 55,700 = 110,314 t, and 9,686 t to 120,000."""
    found = power(printed, 2022, Unit("gas", heat_ratio=D("0.5")), "200000", heat="1000000", emissions="120000")
    assert (found.rule_t, found.topup_t, found.quota_t) == (D("110314"), D("9686"), D("120000"))


def test_a_gap_of_coal_is_made_up_to_four_fifths(printed: Library) -> None:
    found = power(printed, 2024, Unit("cunc"), "1000", emissions="2000")
    assert (found.rule_t, found.topup_t) == (D("824.4"), D("775.6"))
    assert power(printed, 2024, Unit("cunc"), "1000", emissions="1000").topup_t == 0


def test_the_draft_of_2025_has_a_curve_below_half_load(printed: Library) -> None:
    plan = printed.plan("power", 2025)
    assert plan is not None
    assert plan.status == "draft"
    worked = 7.254 - 0.633 * (1 - math.exp(-40 / 29.822)) - 5.643 * (1 - math.exp(-40 / 6.871))
    found = power(printed, 2025, Unit("c300p", load_ratio=D("0.40")), "1000")
    assert near(found.quota_t, 0.7902 * 1000 * worked)


def test_a_number_that_is_missing_is_named(printed: Library) -> None:
    for unit, what in (
        (Unit("c300p", "water", "condensing"), "load_ratio"),
        (Unit("c300p", "water", None, D(1)), "turbine"),
        (Unit("c300p", None, "condensing", D(1)), "cooling"),
        (Unit("nuclear", "water", "condensing", D(1)), "benchmark"),
    ):
        with pytest.raises(MissingError) as fault:
            power(printed, 2021, unit, "1", heat="1")
        assert fault.value.what == what
    with pytest.raises(MissingError, match="heat_ratio"):
        power(printed, 2021, Unit("c300p", "water", "condensing", D(1)), "1", heat="1")


def industry(printed: Library, year: int, emissions: str, output: str, balance: str | None) -> rules.Quota:
    plan = printed.plan("industry", year)
    assert plan is not None
    return rules.industry(plan, D(emissions), D(output), None if balance is None else D(balance))


def test_cement_steel_and_aluminium_of_2025(printed: Library) -> None:
    """The balance values are invented: X = 0.05, α = 0.0075; X = −0.2, α = −3 %; X = −0.0625, α = −0.009375."""
    cement = industry(printed, 2025, "1292000", "1600000", "0.85")
    assert (cement.terms["deviation_ratio"], cement.quota_t) == (D("0.05"), D("1301690"))
    steel = industry(printed, 2025, "1800000", "1000000", "1.5")
    assert (steel.terms["adjustment_ratio"], steel.quota_t) == (D("-0.03"), D("1746000"))
    aluminium = industry(printed, 2025, "850000", "500000", "1.6")
    assert (aluminium.terms["adjustment_ratio"], aluminium.quota_t) == (D("-0.009375"), D("842031.25"))


@pytest.mark.parametrize("share", ["0.5", "0.8", "0.80001", "0.95", "1", "1.1", "1.19999", "1.2", "2"])
def test_alpha_is_steady_and_never_beyond_three_percent(printed: Library, share: str) -> None:
    found = industry(printed, 2025, share, "1", "1").terms["adjustment_ratio"]
    assert abs(found - max(D("-0.03"), min(D("0.03"), D("0.15") * (1 - D(share))))) < D("1e-20")


def test_what_was_emitted_in_2024_is_allotted(printed: Library) -> None:
    assert industry(printed, 2024, "1346630.965546", "0", None).quota_t == D("1346630.965546")


def test_a_balance_value_that_nobody_published_leaves_no_quota(printed: Library) -> None:
    with pytest.raises(MissingError, match="balance"):
        industry(printed, 2025, "1", "1", None)


def test_plans_that_are_not_there_yet_are_carried_on_and_say_so(printed: Library) -> None:
    found = [(one.year, one.status) for year in (2025, 2026, 2028) if (one := printed.plan("industry", year))]
    assert found == [(2025, "final"), (2026, "draft"), (2026, "carried_on")]
    assert printed.plan("industry", 2023) is None


def test_a_rule_of_the_site() -> None:
    assert rules.own(D(1000), D("0.9"), D("0.98"), D(50)).quota_t == D(932)
    assert rules.own(D(1000), None, None, D(50)).quota_t == D(50)


def seasons(count: int) -> np.ndarray:
    """Months of an output with a season, five percent more each year, and of emissions that follow it."""
    output = np.array([(100 + 20 * math.cos(month / 6 * math.pi)) * 1.05 ** (month // 12) for month in range(count)])
    return np.stack([output, 0 * output, 0.8 * output], axis=1)


def test_a_month_to_come_is_that_of_last_year_at_todays_level() -> None:
    found = landing.expected(seasons(24), 24)[-1]
    assert np.allclose(found[:12], seasons(36)[24:])
    assert np.allclose(found[12:], seasons(36)[24:]), "the level is carried on, not its growth"


def test_a_year_lands_on_what_is_there_and_what_is_expected() -> None:
    truth = seasons(36)
    made = landing.forecast(date(2023, 1, 1), truth[:30], [{0: 0.85, 2: -1.0}], [2025, 2026])
    now = made.lands[0, 2025]
    assert math.isclose(now.centre, truth[24:, 0].sum(), rel_tol=1e-9)
    assert math.isclose(made.lands[3, 2025].centre, 0.05 * truth[24:, 0].sum(), rel_tol=1e-9)
    assert now.landing.p10 <= now.landing.p50 <= now.landing.p90
    assert made.lands[0, 2026].landing.spread > now.landing.spread
    assert made.count > 0


def test_fewer_than_six_months_say_nothing() -> None:
    assert landing.forecast(date(2025, 1, 1), seasons(5), [], [2025]).lands == {}


def subject(months: int, first: int = 2024, **terms: object) -> Subject:
    """A works with 100 t of output a month that emits 90 t, from January of a year on."""
    told = dict.fromkeys(
        ("energy_unit_id", "year_to", "unit_class", "cooling", "turbine", "load_ratio", "heat_ratio", "benchmark"), None
    ) | {"benchmark_factor": None, "fixed_t": None, "sector": "cement", "rule": "published", "year_from": 2019}
    told |= {"output_unit": "t", "source": "plan"} | terms
    every = [date(first + number // 12, number % 12 + 1, 1) for number in range(months)]
    amounts = {month: Amounts(D(100 + number % 3), D(0), D(90 + number % 2)) for number, month in enumerate(every)}
    return Subject({"subject_id": "kiln", "organization_id": "works"}, [told], amounts)


def test_each_year_has_its_row_and_those_to_come_their_chance(printed: Library) -> None:
    made = {row["year"]: row for row in rows.of_site([subject(18, benchmark=D("1.0"))], printed, date(2025, 7, 9))}
    assert sorted(made) == [2024, 2025, 2026]
    assert (made[2024]["surplus_t"], made[2024]["shortfall_probability"], made[2024]["is_forecast"]) == (0, 0, False)
    current = made[2025]
    assert (current["months_count"], current["is_current_year"], current["is_forecast"]) == (6, True, True)
    assert current["emissions_t"] == sum(90 + number % 2 for number in range(12, 18))
    assert current["shortfall_probability"] < D("0.1"), "90 t of 100 at a balance value of 1"
    assert current["quota_p10_t"] <= current["quota_p50_t"] <= current["quota_p90_t"]
    dear = rows.of_site([subject(18, benchmark=D("0.8"))], printed, date(2025, 7, 9))[1]
    assert dear["shortfall_probability"] > D("0.9")
    assert dear["surplus_t"] < 0 < dear["shortfall_t"]


def test_what_cannot_be_said_has_its_reason(printed: Library) -> None:
    today = date(2025, 7, 9)
    assert rows.of_site([subject(18)], printed, today)[1]["null_reason"] == "balance"
    assert rows.of_site([subject(18, year_to=2023)], printed, today)[0]["null_reason"] == "no_rule"
    assert rows.of_site([subject(3, 2025, benchmark=D(1))], printed, today)[0]["null_reason"] == "short"
    coal = subject(18, sector="power", unit_class="c300p")
    assert rows.of_site([coal], printed, today)[0]["null_reason"] == "load_ratio"
