"""The dispatch of a day: published and closed-form cases, and what holds for any plant."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from methods.dispatch import model, plant
from methods.dispatch.day import Day, as_done, costs, given, starts, total
from methods.dispatch.plant import Plant
from methods.dispatch.program import Floats, InfeasibleError


def plant_of(devices: dict[str, dict[str, object]], **rest: object) -> Plant:
    """Return a plant with one busbar; a device's point is its name."""
    told = {
        name: {"node": "bus", "point": name, **({"out_point": f"{name} out"} if device["kind"] == "storage" else {})}
        | device
        for name, device in devices.items()
    }
    nodes = {"bus": {"organization_id": "works", "carrier": "electricity", "name_zh": "母线", "name_en": "Busbar"}}
    return plant.of({"organization_id": "works", "nodes": nodes, "devices": told, **rest})


def day_of(kind: Plant, load: list[float], prices: dict[str, list[float]], **rest: object) -> Day:
    """Return a day on which nothing but buying was done; `load` in kW by hour."""
    steps, nothing = len(load), np.zeros(len(load))
    done = dict.fromkeys(kind.devices, nothing)
    for name, device in kind.devices.items():
        if isinstance(device, plant.Purchase):
            done[name] = np.array(load, dtype=float)
            break
    return replace(
        Day(
            hours=1.0,
            demand={"bus": np.array(load, dtype=float)},
            price={name: np.array(values, dtype=float) for name, values in prices.items()},
            emission={},
            availability=dict.fromkeys(kind.devices, np.ones(steps)),
            done=done,
            done_in={name: nothing for name, device in kind.devices.items() if isinstance(device, plant.Storage)},
        ),
        **rest,  # type: ignore[arg-type]
    )


def unit(most: float, least: float = 0.0, **rest: object) -> dict[str, object]:
    """Return a power unit whose fuel is its power, so that the price of fuel is its marginal cost."""
    at = [{"power_kw": most, "fuel": most}]
    at = [{"power_kw": least, "fuel": least}, *at] if least else at
    return {"kind": "converter", "at": at, **rest}


GRID = {"kind": "purchase", "energy_unit_id": "works", "carrier": "electricity_grid", "max_kw": 9000.0}


def test_commitment_with_part_load() -> None:
    """The first example of PyPSA's page on unit commitment: coal cannot turn down to the last hour's load."""
    kind = plant_of({"coal": unit(10000, 3000, can_stop=True), "gas": unit(1000, 100, can_stop=True)})
    day = day_of(kind, [4000, 6000, 5000, 800], {"coal": [20] * 4, "gas": [70] * 4})
    found = model.solve(kind, day)
    assert found.schedule.power["coal"] == pytest.approx([4000, 6000, 5000, 0])
    assert found.schedule.power["gas"] == pytest.approx([0, 0, 0, 800])
    assert total(kind, day, found.schedule)[0] == pytest.approx(15000 * 20 + 800 * 70)
    assert found.gap <= 0.01


def _by_trying(kind: Plant, day: Day, up: int, down: int, start: float) -> float:
    """Return the least cost over every pattern of running of two units: merit order within each hour."""
    names = list(kind.devices)
    best = float("inf")
    patterns = [pattern for pattern in itertools.product((0, 1), repeat=day.steps) if _rests(pattern, up, down)]
    for pair in itertools.product(patterns, repeat=2):
        cost = sum(start * starts(np.array(pattern, dtype=float), running=False) for pattern in pair)
        for hour in range(day.steps):
            left = float(day.demand["bus"][hour])
            running = [name for name, pattern in zip(names, pair, strict=True) if pattern[hour]]
            running.sort(key=lambda name: day.price[name][hour])
            left -= sum(kind.devices[name].min_kw for name in running)  # type: ignore[attr-defined]
            cost += sum(kind.devices[name].min_kw * day.price[name][hour] for name in running)  # type: ignore[attr-defined]
            for name in running:
                device = kind.devices[name]
                more = min(max(left, 0.0), device.max_kw - device.min_kw)  # type: ignore[attr-defined]
                cost, left = cost + more * day.price[name][hour], left - more
            if abs(left) > 1e-9:
                cost = float("inf")
        best = min(best, cost)
    return best


def _rests(pattern: tuple[int, ...], up: int, down: int) -> bool:
    runs = [(on, len(list(run))) for on, run in itertools.groupby((0, 0, 0, 0, *pattern))]
    return all(size >= (up if on else down) for on, size in runs[1:-1])


@pytest.mark.parametrize("seed", range(4))
def test_commitment_is_the_best_of_every_pattern(seed: int) -> None:
    draw = random.Random(seed)
    rest = {"can_stop": True, "start_cost_cny": 3000.0, "min_up_hours": 2, "min_down_hours": 2}
    kind = plant_of({"a": unit(100, 40, **rest), "b": unit(60, 20, **rest)})
    load = [draw.choice((30, 50, 90, 140)) for _ in range(5)]
    prices = {"a": [draw.randint(20, 40)] * 5, "b": [draw.randint(30, 60)] * 5}
    day = day_of(kind, load, prices, running={"a": False, "b": False})
    by_trying = _by_trying(kind, day, 2, 2, 3000)
    if np.isinf(by_trying):
        with pytest.raises(InfeasibleError):
            model.solve(kind, day)
    else:
        assert total(kind, day, model.solve(kind, day).schedule)[0] == pytest.approx(by_trying, rel=1e-6)


@pytest.mark.parametrize(("dear", "cycles"), [(1.0, 1), (0.34, 0)])
def test_a_battery_earns_what_the_formula_says(dear: float, cycles: int) -> None:
    """A full cycle of E kWh earns E x (dear x out − cheap / in − wear x out), and none is made where that is less."""
    cheap, into, out, wear, usable = 0.3, 0.95, 0.9, 0.02, 800.0
    battery = {"kind": "storage", "capacity_kwh": 1000.0, "min_ratio": 0.1, "max_ratio": 0.9, "max_kw": 500.0}
    battery |= {"efficiency_in": into, "efficiency_out": out, "wear_cny_per_kwh": wear}
    kind = plant_of({"grid": GRID, "battery": battery})
    day = day_of(kind, [2000] * 24, {"grid": [cheap] * 12 + [dear] * 12})
    found = model.solve(kind, day)
    earned = total(kind, day, as_done(kind, day))[0] - total(kind, day, found.schedule)[0]
    assert earned == pytest.approx(cycles * usable * (dear * out - cheap / into - wear * out), abs=1e-2)
    assert found.schedule.net("battery").sum() <= 1e-2


def test_a_peak_is_worth_what_it_costs() -> None:
    """A load of a day fills the valley up to the peak that is paid anyway, and not beyond: 1 kW there costs more."""
    kind = plant_of({"grid": GRID, "mill": {"kind": "shiftable", "max_kw": 1000.0}})
    prices = {"grid": [0.2] * 4 + [0.9] * 4}
    mill = np.array([0, 0, 0, 0, 400.0, 400, 400, 400])
    done = {"grid": 500 + mill, "mill": mill}
    day = day_of(kind, [500] * 8, prices, done=done, limit={"grid": 800.0}, limit_price={"grid": 44.0})
    found = model.solve(kind, replace(day, done={**done, "grid": np.full(8, 800.0)}))
    assert found.schedule.power["mill"][:4] == pytest.approx([300] * 4)
    assert found.schedule.power["mill"][4:].sum() == pytest.approx(400)


def test_buying_cheap_and_selling_dear_at_one_meter_is_no_saving() -> None:
    sale = {"kind": "sale", "price_cny_per_kwh": 0.4, "max_kw": 5000.0}
    kind = plant_of({"grid": GRID, "feed_in": sale})
    found = model.solve(kind, day_of(kind, [1000] * 4, {"grid": [0.2, 0.2, 0.9, 0.9]}))
    assert found.schedule.power["feed_in"] == pytest.approx([0] * 4)


def _random_plant(draw: random.Random) -> tuple[Plant, Day]:
    """Return a works with grid, engine, battery, sun and a mill, and a day that was not done well."""
    steps = 12
    engine = unit(
        300, 120, can_stop=draw.random() < 0.5, start_cost_cny=float(draw.randint(0, 40)), ramp_kw_per_hour=100
    )
    battery = {"kind": "storage", "capacity_kwh": 400.0, "max_kw": 100.0, "efficiency_in": 0.9, "efficiency_out": 0.9}
    kind = plant_of(
        {
            "grid": GRID,
            "feed_in": {"kind": "sale", "price_cny_per_kwh": 0.3, "max_kw": 500.0},
            "engine": engine,
            "sun": {"kind": "source"},
            "battery": {**battery, "wear_cny_per_kwh": 0.05},
            "mill": {"kind": "shiftable", "max_kw": 200.0, "share": 0.8},
        },
        carbon_price_cny_per_t=100.0,
    )
    price = {"grid": _drawn(draw, 0.1, 1.2, steps), "engine": np.full(steps, 0.5)}
    sun, mill, running = _drawn(draw, 0, 150, steps), _drawn(draw, 0, 150, steps), _drawn(draw, 100, 320, steps)
    into, out = _drawn(draw, 0, 30, steps), _drawn(draw, 0, 20, steps)
    net = _drawn(draw, -100, 400, steps)
    done = {"grid": np.maximum(net, 0), "feed_in": np.maximum(-net, 0), "engine": running, "sun": sun}
    day = Day(
        hours=1.0,
        demand={},
        price=price,
        emission={"grid": np.full(steps, 0.0006), "engine": np.full(steps, 0.0004)},
        availability=dict.fromkeys(kind.devices, np.ones(steps)) | {"sun": sun, "engine": np.clip(running / 120, 0, 1)},
        done={**done, "battery": out, "mill": mill},
        done_in={"battery": into},
    )
    return kind, replace(day, demand=given(kind, day, as_done(kind, day)))


def _drawn(draw: random.Random, low: float, high: float, steps: int) -> Floats:
    return np.array([draw.uniform(low, high) for _ in range(steps)])


@pytest.mark.parametrize("seed", range(25))
def test_what_holds_for_any_day(seed: int) -> None:
    kind, day = _random_plant(random.Random(seed))
    found = model.solve(kind, day)
    best = found.schedule
    assert total(kind, day, best)[0] <= total(kind, day, as_done(kind, day))[0] + 0.01  # never worse than what was done
    assert given(kind, day, best)["bus"] == pytest.approx(day.demand["bus"], abs=1e-5)  # energy is conserved
    content = np.cumsum(best.into["battery"] * 0.9 - best.power["battery"] / 0.9)
    assert (
        content.max() - content.min()
        <= max(400, np.ptp(np.cumsum(day.done_in["battery"] * 0.9 - day.done["battery"] / 0.9))) + 1e-2
    )
    assert best.power["mill"].sum() == pytest.approx(day.done["mill"].sum())
    assert (best.power["mill"] >= 0.2 * day.done["mill"] - 1e-6).all()
    assert (best.power["sun"] <= day.done["sun"] + 1e-6).all()
    parts = costs(kind, day, best)
    assert sum(money for money, _ in parts.values()) + 100 * sum(
        tonnes for _, tonnes in parts.values()
    ) == pytest.approx(total(kind, day, best)[0])


def test_more_load_costs_the_shadow_price() -> None:
    """A price is a derivative: a kW more at an hour makes the day dearer by it."""
    kind, day = _random_plant(random.Random(7))
    kind = replace(kind, devices={name: each for name, each in kind.devices.items() if name != "battery"})
    found = model.solve(kind, day)
    assert found.gap == 0
    for hour in (0, 5, 11):
        more = day.demand["bus"].copy()
        more[hour] += 0.01
        changed = model.solve(kind, replace(day, demand={"bus": more}))
        rise = (total(kind, day, changed.schedule)[0] - total(kind, day, found.schedule)[0]) / 0.01
        assert rise == pytest.approx(found.prices["bus"][hour], abs=0.01)


def test_a_load_that_nothing_can_carry_is_named() -> None:
    kind = plant_of({"engine": unit(300)})
    with pytest.raises(InfeasibleError) as caught:
        model.solve(kind, day_of(kind, [100, 250, 420, 200], {"engine": [1] * 4}))
    assert caught.value.short == (("bus", 2, pytest.approx(120)),)
