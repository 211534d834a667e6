"""The back-test: what was done, planned and best by the same arithmetic; only days that changed are solved again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from methods.dispatch import backtest, plant, rows, run
from methods.dispatch.assemble import Given
from methods.dispatch.plant import Plant
from methods.dispatch.program import Floats
from methods.dispatch.tariffs import NoPriceError, Tariffs

FIRST = date(2025, 6, 1)
ZONE = ZoneInfo("Asia/Shanghai")
NAMES = {"park": ("园区", "Park"), "works": ("工厂", "Works"), "centre": ("中心", "Centre")}
BANDS = (("00:00", "08:00", 0.3), ("08:00", "20:00", 1.0), ("20:00", "24:00", 0.6))
TARIFFS = [
    {
        "energy_unit_id": unit,
        "carrier": carrier,
        "start_time": begin,
        "end_time": end,
        "months": "1-12",
        "valid_from": None,
        "valid_to": None,
        "price_cny_per_unit": Decimal(str(price)),
    }
    for unit, carrier in (
        ("works", "electricity_grid"),
        ("centre", "electricity_grid"),
        ("centre", "electricity_hydro"),
    )
    for begin, end, price in (BANDS if carrier == "electricity_grid" else [("00:00", "24:00", 0.4)])
] + [
    {"energy_unit_id": "centre", "carrier": "natural_gas", "start_time": "00:00", "end_time": "24:00", "months": None}
    | {"valid_from": None, "valid_to": None, "price_cny_per_unit": Decimal("3.0")}
]


@pytest.fixture
def two() -> Plant:
    """A works with a battery and a centre with an engine and a contract, and a line between them."""
    grid = {"kind": "purchase", "carrier": "electricity_grid", "max_kw": 9000}
    told: dict[str, Any] = {
        "organization_id": "park",
        "days": 3,
        "carbon_price_cny_per_t": 50.0,
        "nodes": {
            "works_bus": {"organization_id": "works", "carrier": "electricity", "name_zh": "工厂母线"},
            "centre_bus": {"organization_id": "centre", "carrier": "electricity", "name_zh": "中心母线"},
        },
        "devices": {
            "works_grid": {**grid, "node": "works_bus", "point": "wg", "energy_unit_id": "works"},
            "centre_grid": {**grid, "node": "centre_bus", "point": "cg", "energy_unit_id": "centre"}
            | {"contracts": {"electricity_hydro": "hydro"}},
            "engine": {
                "kind": "converter",
                "node": "centre_bus",
                "point": "engine",
                "energy_unit_id": "centre",
                "carrier": "natural_gas",
                "at": [{"power_kw": 500, "fuel": 125}, {"power_kw": 1000, "fuel": 230}],
            },
            "battery": {"kind": "storage", "node": "works_bus", "point": "in", "out_point": "out"}
            | {"capacity_kwh": 1000, "max_kw": 500, "efficiency_in": 0.95, "efficiency_out": 0.95},
        },
        "links": {"line": {"from": "centre_bus", "to": "works_bus", "point": "line", "max_kw": 600, "name_zh": "线路"}},
    }
    return plant.of(told)


def _readings(day: int) -> dict[str, Floats]:
    hour = np.arange(24)
    load = 800 + 300 * (hour > 8) + 10.0 * day
    into = np.where((hour >= 8) & (hour < 10), 300.0, 0.0)  # charged when it is dear
    out = np.where(hour >= 22, 250.0, 0.0)
    engine, line = np.full(24, 600.0), np.full(24, 100.0)
    found = {"wg": load + into - out - line, "cg": np.full(24, 500.0), "engine": engine, "in": into, "out": out}
    return found | {"line": line, "hydro": np.full(24, 200.0)}


@pytest.fixture
def inputs() -> run.Inputs:
    factors = {("works", "electricity_grid"): 0.0006, ("centre", "electricity_grid"): 0.0006}
    given = Given(Tariffs(TARIFFS), factors | {("centre", "natural_gas"): 0.00216}, {"works_grid": 40.0})
    days = {FIRST + timedelta(days=number): _readings(number) for number in range(11)}
    return run.Inputs(days, {FIRST: given}, {FIRST: {"works_grid": 1300.0}}, NAMES, ZONE)


def _by_day(found: Mapping[str, list[dict[str, Any]]]) -> dict[date, dict[str, Any]]:
    return {row["local_date"]: row for row in found["energy.dispatch_savings"]}


def test_the_latest_days_are_tested(two: Plant, inputs: run.Inputs) -> None:
    found, same = run.back_test(two, inputs, {})
    days = _by_day(found)
    assert (sorted(days), same) == ([FIRST + timedelta(days=number) for number in (8, 9, 10)], set())
    for row in days.values():
        assert row["state"] == "tested"
        assert row["best_cost_cny"] <= row["plan_cost_cny"] <= row["cost_cny"] + Decimal("0.01")
        assert row["regret_cny"] == row["cost_cny"] - row["best_cost_cny"]
        assert row["saving_cny"] == row["cost_cny"] - row["plan_cost_cny"]
        assert row["regret_cny"] > 300  # the battery was charged dear and emptied cheap
        gains = [gain for gain in found["energy.dispatch_gains"] if gain["local_date"] == row["local_date"]]
        assert {gain["organization_id"] for gain in gains} == {"works", "centre"}
        assert sum(gain["gain_cny"] for gain in gains) == row["regret_cny"]
        assert all(gain["gain_cny"] == gain["alone_cny"] + gain["shared_cny"] for gain in gains)
    assert {len(found[f"energy.dispatch_{name}"]) for name in ("schedule", "prices")} == {3 * 24 * 5, 3 * 24 * 2}


def test_what_was_done_costs_what_a_bill_says(two: Plant, inputs: run.Inputs) -> None:
    """By hand: the bands, the contract, the engine's gas, the carbon, and 100 kW above the peak that is paid anyway."""
    row = _by_day(run.back_test(two, inputs, {})[0])[FIRST + timedelta(days=10)]
    readings, price = _readings(10), np.repeat([0.3, 1.0, 0.6], [8, 12, 4])
    power = (readings["wg"] * price).sum() + (300 * price).sum() + 24 * 200 * 0.4
    gas = 24 * (125 + 100 * 105 / 500)
    tonnes = (readings["wg"].sum() + 24 * 500) * 0.0006 + gas * 0.00216
    assert float(row["cost_cny"]) == pytest.approx(power + gas * 3 + tonnes * 50 + 100 * 40)
    assert float(row["emissions_tco2"]) == pytest.approx(tonnes)


def test_only_days_that_changed_are_solved_again(
    two: Plant, inputs: run.Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {day: row["inputs"] for day, row in _by_day(run.back_test(two, inputs, {})[0]).items()}
    solved: list[int] = []
    test = backtest.of_day
    monkeypatch.setattr(backtest, "of_day", lambda *given: solved.append(1) or test(*given))
    found, same = run.back_test(two, inputs, kept)
    assert (len(same), solved) == (3, [])
    assert not any(found.values())
    later = {**inputs.readings, FIRST + timedelta(days=3): _readings(30)}  # a week before day 10
    _, same = run.back_test(two, replace(inputs, readings=later), kept)
    assert (len(same), len(solved)) == (2, 1)


def test_days_that_cannot_be_tested_say_why(two: Plant, inputs: run.Inputs) -> None:
    days = dict(inputs.readings)
    last = FIRST + timedelta(days=10)
    days[last] = {point: power for point, power in days[last].items() if point not in ("cg", "line")}
    del days[FIRST + timedelta(days=2)]  # the week before day 9
    row = _by_day(run.back_test(two, replace(inputs, readings=days), {})[0])
    assert (row[last]["state"], row[last].get("cost_cny")) == ("incomplete", None)
    assert row[last]["message_en"] == "The day is not tested: readings of cg and 1 more points are missing."
    assert row[last - timedelta(days=1)]["state"] == "no_forecast"
    assert row[last - timedelta(days=1)].get("saving_cny") is None


def test_limits_that_cannot_be_kept_are_one_sentence(two: Plant, inputs: run.Inputs) -> None:
    """A load that would not fit even with everything on: the node, the hour and the kW are named."""
    days = run._Days(two, inputs)
    day = days.whole(FIRST + timedelta(days=10))
    assert day is not None
    load = day.demand["works_bus"].copy()
    load[18] += 20_000
    from methods.dispatch import explain, model
    from methods.dispatch.program import InfeasibleError

    with pytest.raises(InfeasibleError) as caught:
        model.solve(two, replace(day, demand={**day.demand, "works_bus": load}), free=frozenset({"line"}))
    zh, en = explain.infeasible(two, caught.value.short, days.times(FIRST)[0])
    assert en.startswith("No schedule keeps all limits: from 18:00 on the balance of '工厂母线' misses ")
    assert "18:00 起“工厂母线”的平衡差" in zh


def test_a_price_that_is_not_there_is_told(two: Plant, inputs: run.Inputs) -> None:
    given = replace(inputs.given[FIRST], tariffs=Tariffs(TARIFFS[:-1]))
    row = _by_day(run.back_test(two, replace(inputs, given={FIRST: given}), {})[0])[FIRST + timedelta(days=10)]
    assert row["state"] == "no_price"
    assert "no price of 'natural_gas' for 'centre' at 2025-06-11 00:00" in row["message_en"]
    with pytest.raises(NoPriceError):
        Tariffs([]).at("works", "electricity", run._Days(two, inputs).times(FIRST))


def test_a_day_of_23_hours_has_23_steps(two: Plant, inputs: run.Inputs) -> None:
    days = run._Days(two, replace(inputs, zone=ZoneInfo("Europe/Berlin")))
    assert [len(days.times(date(2025, month, day))) for month, day in ((3, 30), (6, 1), (10, 26))] == [23, 24, 25]


def test_rows_have_the_columns_of_their_marts(two: Plant, inputs: run.Inputs) -> None:
    found, _ = run.back_test(two, inputs, {})
    for mart, schema in rows.MARTS.items():
        assert found[mart]
        assert {name for row in found[mart] for name in row} == set(schema.names), mart
