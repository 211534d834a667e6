"""Projects by hand and by property: present value, the cost of a tonne, the curve, and verified before promised."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.projects import curve, effects, rows, worth
from methods.projects.effects import ACCOUNTS, Effect, Rate
from methods.projects.quota import Allotted
from methods.projects.verified import verified
from methods.quota.library import Plan

D = Decimal
#: Compound interest tables as textbooks of engineering economics print them: (P/A, r, n).
PRINTED = [("0.08", 15, "8.5595"), ("0.08", 12, "7.5361"), ("0.10", 20, "8.5136"), ("0.05", 25, "14.0939")]
POWER = Rate(
    D("0.0001229"), D("0.0003024"), D("0.5"), dict(zip(ACCOUNTS, (D("0.0005"), D("0.0006"), D(0)), strict=True))
)
STEAM = Rate(D("0.03412"), D("0.03412"), D(80), dict.fromkeys(ACCOUNTS, D("0.11")))
RATES: dict[tuple[str | None, str, str], Rate] = {
    ("works", "use", "electricity_grid"): POWER,
    (None, "use", "heat"): STEAM,
}


@pytest.mark.parametrize(("ratio", "years", "printed"), PRINTED)
def test_the_annuity_is_that_of_the_printed_tables(ratio: str, years: int, printed: str) -> None:
    assert worth.annuity(D(ratio), D(years)).quantize(D("0.0001")) == D(printed)
    assert worth.annuity(D(0), D(years)) == years


def test_a_lighting_upgrade_as_it_is_told_elsewhere() -> None:
    """12,000 save 4,000 in each of four years, at 7 %: back after three (Touchstone Energy, Business Network)."""
    assert worth.payback(D(12000), D(4000)) == 3
    by_year = sum(D(4000) / D("1.07") ** year for year in range(1, 5)) - 12000
    assert worth.present_value(D(12000), D(4000), D("0.07"), D(4)) == pytest.approx(by_year)
    assert worth.payback(D(12000), D(-1)) is None


POSITIVE = st.decimals(min_value=1, max_value=1_000_000_000, places=2)
RATIO = st.decimals(min_value=0, max_value=D("0.3"), places=3)
YEARS = st.decimals(min_value=1, max_value=40, places=1)


@given(investment=POSITIVE, yearly=POSITIVE, ratio=RATIO, years=YEARS, tonnes=POSITIVE)
def test_worth_payback_and_the_cost_of_a_tonne_agree(investment: D, yearly: D, ratio: D, years: D, tonnes: D) -> None:
    value = worth.present_value(investment, yearly, ratio, years)
    cost = worth.abatement_cost(value, tonnes, ratio, years)
    back = worth.payback(investment, yearly)
    assert cost is not None
    assert back is not None
    assert (cost < 0) == (value > 0)
    if value > 0:
        assert back < years, "what earns money with interest is back without it"
    levelised = (investment / worth.annuity(ratio, years) - yearly) / tonnes
    assert cost == pytest.approx(levelised, rel=D("1e-15"), abs=D("1e-15"))
    assert worth.abatement_cost(value, -tonnes, ratio, years) is None


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.tuples(st.none() | RATIO, st.none() | POSITIVE)))
def test_the_curve_is_in_order_and_adds_up(told: dict[str, tuple[D | None, D | None]]) -> None:
    steps = curve.steps((name, *cells) for name, cells in told.items())
    known = {name: cells for name, cells in told.items() if None not in cells}
    assert steps.keys() == known.keys()
    ordered = sorted(steps, key=lambda name: steps[name].order)
    assert [steps[name].order for name in ordered] == list(range(1, len(known) + 1))
    costs = [known[name][0] for name in ordered]
    assert costs == sorted(costs)  # type: ignore[type-var]
    total = D(0)
    for name in ordered:
        avoided = known[name][1]
        assert avoided is not None
        assert steps[name].before == total
        total += avoided
        assert steps[name].cumulative == total


def baseline(saving: str, low: str, high: str, months: int = 12) -> dict[str, Any]:
    return {
        "baseline_id": "watch", "months_count": months, "saving_tce_calorific": D(saving),
        "saving_low_tce_calorific": D(low), "saving_high_tce_calorific": D(high),
    }  # fmt: skip


def test_what_is_verified_needs_a_year_and_an_interval_above_zero() -> None:
    assert verified("approved", baseline("10", "5", "15")).evidence == "promised"
    assert verified("done", None).evidence == "no_baseline"
    assert verified("done", baseline("7", "-13", "27", 1)) == ("too_short", D(7), D(-13), D(27), 1)
    assert verified("done", baseline("7", "-13", "27")).evidence == "not_proven"
    assert verified("done", baseline("48", "24", "72", 24)) == ("verified", D(24), D(12), D(36), 24), "of one year"


def project(**cells: Any) -> dict[str, Any]:
    told = {
        "project_id": "p", "organization_id": "works", "energy_unit_id": None, "kind": "retrofit", "name_zh": "改造",
        "name_en": None, "status": "done", "starts_on": None, "investment_cny": D(100000), "lifetime_years": D(10),
        "discount_ratio": D(0), "other_cost_cny": D(1000), "subject_id": "power", "product_id": "steel",
        "baseline_id": "watch", "source": "offer",
    }  # fmt: skip
    return told | cells


def effect(carrier: str | None, quantity: int, unit: str, **cells: Any) -> dict[str, Any]:
    told = {"project_id": "p", "effect": "use", "carrier": carrier, "product_id": None, "price_cny": None}
    return told | {"quantity": D(quantity), "unit": unit} | cells


#: α = 0.15 (B − I) / B within ± 3 %, as the plan of 2025 has it; 0.4 t are emitted for a balance value of 0.4.
PLAN = Plan(
    2025,
    "final",
    {
        (name, None): D(value)
        for name, value in (("alpha_slope", "0.15"), ("deviation_limit", "0.2"), ("alpha_limit", "0.03"))
    },
    {},
    "verified",
    "",
)
ALLOTTED = Allotted(PLAN, D(20000), D(50000), D("0.4"), D(0))


def site(*, is_allotted: bool = False, **baselines: dict[str, Any]) -> rows.Site:
    subject = {
        "subject_name_zh": "电耗", "subject_name_en": "Power", "actual_unit": "kWh/t", "rolling_actual": D(30),
        "benchmark_level": D(28), "baseline_level": D(32), "better": "lower", "year_output": D(50000),
    }  # fmt: skip
    year = {
        "emissions_tco2e": D(20000), "quantity": D(50000), "quantity_unit": "t", "intensity_unit": "tCO2e/t",
    }  # fmt: skip
    names = {"organization_name_zh": "厂", "organization_name_en": "Works"}
    return rows.Site(
        RATES,
        {"electricity_grid": "kWh", "heat": "GJ"},
        baselines,
        {"power": subject},
        {("works", "energy_calorific"): D(1000), ("works", "emissions_statutory"): D(10000)},
        {("works", "steel"): year},
        {"works": ALLOTTED} if is_allotted else {},
        {"works": ("works", "park")},
        {"works": names | {"level": 1}, "park": names | {"level": 0}},
        {},
    )


def weighed(place: rows.Site, told: dict[str, Any], *changes: dict[str, Any]) -> dict[str, Any]:
    found, refused = rows.projects([told], changes, place)
    assert refused == []
    return next(row for row in rows.rows(found, place) if row["organization_id"] == "works")


SAVED = effect("electricity_grid", -100, "MWh")


def test_a_project_by_hand() -> None:
    row = weighed(site(), project(status="planned"), SAVED)
    assert row["saving_kwh"] == 100000
    assert row["saving_tce_calorific"] == D("12.29")
    assert row["saving_tce_equivalent"] == D("30.24")
    assert [row[f"avoided{account}_tco2e"] for account in ("", "_location", "_market")] == [50, 60, 0]
    assert (row["saving_cny"], row["net_saving_cny"]) == (50000, 49000)
    assert row["npv_cny"] == 390000, "ten years without interest"
    assert row["payback_years"] == (D(100) / 49).quantize(D("0.000001"))
    assert row["abatement_cost_cny_per_tco2e"] == -780, "390,000 earned over 500 t"
    assert row["abatement_cost_market_cny_per_tco2e"] is None, "the market account avoids nothing"
    assert (row["energy_intensity_before"], row["energy_intensity_after"]) == (30, 28), (
        "2 kWh of 30 for each of 50,000 t"
    )
    assert (row["position_before"], row["position_after"]) == ("between", "at_benchmark")
    assert (row["emissions_intensity_before"], row["emissions_intensity_after"]) == (D("0.4"), D("0.399"))
    assert (row["energy_budget_ratio"], row["carbon_budget_ratio"]) == (D("-0.01229"), D("-0.005"))
    assert (row["curve_order"], row["cumulative_tco2e"], row["curve_name_en"]) == (1, 50, "01 改造")


def test_what_is_verified_stands_in_the_place_of_what_was_promised() -> None:
    half = weighed(site(watch=baseline("6.145", "5", "7")), project(), SAVED)
    assert half["evidence"] == "verified"
    assert half["verified_ratio"] == D("0.5")
    assert (half["promised_saving_tce_calorific"], half["saving_tce_calorific"]) == (D("12.29"), D("6.145"))
    assert (half["promised_avoided_tco2e"], half["avoided_tco2e"]) == (50, 25)
    assert half["saving_cny"] == 25000
    none = weighed(site(watch=baseline("1", "-2", "4")), project(), SAVED)
    assert none["evidence"] == "not_proven"
    assert none["verified_saving_tce_calorific"] == 1
    for column in ("saving_tce_calorific", "avoided_tco2e", "npv_cny", "curve_order", "energy_intensity_after"):
        assert none[column] is None
    assert none["null_reason"] == "not_proven"


def test_what_is_not_known_is_named_and_the_rest_is_told() -> None:
    row = weighed(site(), project(status="idea"), SAVED, effect("hydrogen", 5, "m3_0c", price_cny=D(2)))
    assert row["saving_cny"] == 50000 - 10
    assert row["avoided_tco2e"] is None
    assert row["saving_tce_calorific"] is None
    assert row["curve_order"] is None
    assert (row["null_reason"], row["unknown_carriers"]) == ("no_factor", "hydrogen")
    assert weighed(site(), project(status="idea"))["null_reason"] == "no_effects"


def test_a_carrier_that_is_new_here_is_as_at_the_rest_of_the_site_and_a_new_line_adds() -> None:
    line = effect(None, 10000, "t", effect="output", product_id="steel")
    row = weighed(site(), project(status="idea"), effect("heat", 1000, "GJ"), line)
    assert row["avoided_tco2e"] == -110
    assert row["null_reason"] == "adds"
    assert row["output_change"] == 10000
    assert row["emissions_intensity_after"] == (D(20110) / D(60000)).quantize(D("0.000001"))
    assert row["energy_intensity_after"] == 25, "the indicator counts electricity: 30 x 50 / 60"


def test_a_unit_that_does_not_convert_leaves_the_project_out_with_a_sentence() -> None:
    found, refused = rows.projects([project()], [effect("electricity_grid", 1, "t")], site())
    assert found == []
    assert len(refused) == 1
    assert refused[0].startswith("project p: ")


def test_a_price_is_of_the_unit_it_is_told_in() -> None:
    row = weighed(site(), project(status="idea"), effect("electricity_grid", -1, "MWh", price_cny=D(700)))
    assert row["saving_cny"] == 700


def test_process_emissions_are_neither_energy_nor_cost() -> None:
    rate = Rate(tco2e=dict.fromkeys(ACCOUNTS, D("0.535")))
    change = effects.change([Effect("process", "clinker", D(-1000))], {("process", "clinker"): rate})
    assert (change.tce_calorific, change.cny, change.tco2e["statutory"]) == (0, 0, D(-535))


def test_a_surplus_of_allowances_grows_by_what_is_not_emitted_less_what_is_not_allotted_for_it() -> None:
    """19,000 t of 50,000 are 0.38: X = 5 %, α = 0.75 %, quota 19,142.5; before quota and emissions were 20,000."""
    coal = Rate(D("0.7"), D("0.7"), D(800), dict.fromkeys(ACCOUNTS, D(2)), is_direct=True)
    place = replace(site(is_allotted=True), rates={("works", "use", "bituminous_coal"): coal} | RATES)
    row = weighed(place, project(status="idea"), effect("bituminous_coal", -500, "t"))
    assert row["quota_change_tco2"] == D("142.5")
    power = weighed(place, project(status="idea"), SAVED)
    assert power["quota_change_tco2"] == 0, "bought power is not allotted"
    assert weighed(site(), project(status="idea"), SAVED)["quota_change_tco2"] is None


def test_the_curve_is_the_sum_of_what_is_published() -> None:
    third = [effect("electricity_grid", -1, "kWh", project_id=name) for name in ("a", "b", "c")]
    power = Rate(D(1), D(1), D(1), dict.fromkeys(ACCOUNTS, D("0.0000014")))
    place = replace(site(), rates={("works", "use", "electricity_grid"): power})
    found, _ = rows.projects([project(project_id=name, status="idea") for name in "abc"], third, place)
    told = [row for row in rows.rows(found, place) if row["organization_id"] == "park"]
    assert sum(row["avoided_tco2e"] for row in told) == max(row["cumulative_tco2e"] for row in told) == D("0.000003")
