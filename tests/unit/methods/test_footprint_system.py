"""A product system is square and sound, or one sentence says why not; the order of its rows never matters."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import NengtanError
from methods.footprint.solve import solve, supplies, supply
from methods.footprint.system import Flows, Interventions, build
from tests.unit.methods import product_systems

NOTHING = Interventions.of([])
STEEL = [("mill", "steel", 1.0), ("mill", "power", -2.0), ("plant", "power", 1.0)]
FAULTS = [
    ([*STEEL, ("plant", "heat", 0.5)], {}, {}, "plant makes heat, power: allocate it, or say which it is run for"),
    ([*STEEL, ("plant", "heat", 0.5)], {"plant": "power"}, {}, "3 products and 2 processes, so allocate its maker"),
    ([*STEEL, ("idle", "power", -1.0)], {}, {}, "idle makes nothing"),
    ([*STEEL, ("plant", "power", -1.0)], {}, {}, "plant makes nothing, or uses up all it makes"),
    (STEEL[:2], {}, {}, "nobody makes power, which others take"),
    ([*STEEL, ("wind", "power", 3.0)], {}, {}, "power is made by plant, wind: say the share of each"),
    ([*STEEL, ("wind", "power", 3.0)], {}, {"power": {"plant": 0.7, "wind": 0.2}}, "power add up to 0.9, not to 1"),
    ([*STEEL, ("wind", "power", 3.0)], {}, {"power": {"plant": 0.7, "sun": 0.3}}, "sun has a share of power and makes"),
    (
        [*STEEL, ("wind", "power", 3.0)],
        {"wind": "power"},
        {"power": {"plant": 1.0}},
        "a maker that was named and shares",
    ),
    (STEEL, {"wind": "power"}, {}, "wind is said to make power and has no rows"),
    (STEEL, {"plant": "heat"}, {}, "plant is said to make heat and its rows neither make nor take any"),
    ([*STEEL, ("plant", "steel", math.nan)], {}, {}, "flow steel of plant is nan, not a finite number"),
    ([*STEEL, ("plant", "steel", -math.inf)], {}, {}, "flow steel of plant is -inf, not a finite number"),
]


@pytest.mark.parametrize(("rows", "makes", "shares", "says"), FAULTS, ids=[fault[3][:40] for fault in FAULTS])
def test_what_is_not_a_square_system_is_said_in_one_sentence(rows, makes, shares, says):
    with pytest.raises(NengtanError, match=says) as refused:
        build(Flows.of(rows), NOTHING, makes, shares)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("used", [0.5, 0.6, 7.0])
def test_a_loop_that_uses_up_what_it_makes_is_named(used):
    rows = [*STEEL, ("plant", "steel", -used), ("lamp", "light", 1.0), ("lamp", "power", -1.0)]
    with pytest.raises(NengtanError, match="the loop of mill, plant uses at least as much as it makes"):
        solve(build(Flows.of(rows), NOTHING))


def test_a_loop_in_a_large_system_is_named_without_factorising_it():
    rows = [(f"link_{index}", f"thing_{index}", 1.0) for index in range(3000)]
    rows += [(f"link_{index}", f"thing_{index + 1}", -0.5) for index in range(2999)]
    rows += [("link_700", "thing_699", -2.5)]
    with pytest.raises(NengtanError, match="the loop of link_699, link_700 uses"):
        solve(build(Flows.of(rows), Interventions.of([("link_2999", "co2", 1.0)])))


def test_credits_that_cancel_everything_are_singular():
    rows = [("mill", "steel", 1.0), ("mill", "slag", 1.0), ("kiln", "slag", 1.0), ("kiln", "steel", 1.0)]
    with pytest.raises(NengtanError, match="singular"):
        solve(build(Flows.of(rows), NOTHING, {"mill": "steel", "kiln": "slag"}))


def test_a_market_has_the_mean_of_its_makers():
    rows = [("coal", "power", 10.0), ("wind", "power", 4.0), ("mill", "steel", 2.0), ("mill", "power", -1.0)]
    effects = Interventions.of([("coal", "co2", 9.0), ("wind", "co2", 0.1)])
    system = build(Flows.of(rows), effects, shares={"power": {"coal": 0.75, "wind": 0.25}})
    assert solve(system).intensity("power")["co2"] == pytest.approx(0.75 * 0.9 + 0.25 * 0.025, rel=1e-14)
    assert solve(system).intensity("steel")["co2"] == pytest.approx(0.5 * 0.68125, rel=1e-14)
    assert "market of power" in system.processes


def test_waste_that_is_treated_counts_by_what_its_treatment_causes():
    rows = [("mill", "steel", 1.0), ("mill", "slag", 0.3), ("landfill", "slag", -10.0), ("landfill", "steel", -0.1)]
    effects = Interventions.of([("mill", "co2", 1.0), ("landfill", "co2", 2.0)])
    answer = solve(build(Flows.of(rows), effects, {"mill": "steel", "landfill": "slag"}))
    by_hand = (1.0 + 0.3 * 0.2) / (1.0 - 0.3 * 0.01)
    assert answer.intensity("steel")["co2"] == pytest.approx(by_hand, rel=1e-14)
    assert answer.intensity("slag")["co2"] == pytest.approx(-(0.2 + 0.01 * by_hand), rel=1e-14)
    assert supply(answer.system, {"slag": -10.0})[0] == pytest.approx(1.0 / (1.0 - 0.003), rel=1e-12)


@given(columns=product_systems.columns(), seed=st.integers(0, 99))
def test_the_order_of_rows_changes_no_bit(columns, seed):
    flows, effects, makes = columns
    random = np.random.default_rng(seed)
    turned = [
        type(given)(*([column[at] for at in order] for column in (given.process, other, given.amount)))
        for given, other in ((flows, flows.product), (effects, effects.impact))
        for order in [random.permutation(len(given.amount))]
    ]
    before, after = solve(build(flows, effects, makes)), solve(build(*turned, makes))
    assert before.system.products == after.system.products
    assert before.intensities.tobytes() == after.intensities.tobytes()


@given(columns=product_systems.columns(), first=st.floats(0.1, 1e3), second=st.floats(0.1, 1e3))
def test_two_demands_together_are_the_sum_of_each(columns, first, second):
    system = build(*columns)
    one, other = system.products[0], system.products[-1]
    together = supply(system, {one: first, other: second}) if one != other else supply(system, {one: first + second})
    apart = supplies(system, [{one: first}, {other: second}])
    assert together == pytest.approx(apart.sum(axis=0), rel=1e-9, abs=1e-12)
    assert apart[1] == pytest.approx(supply(system, {other: second}), rel=1e-12)


@given(columns=product_systems.columns(), factor=st.sampled_from([1e-6, 1e-3, 3.6, 1e3, 1e9]))
def test_another_unit_of_a_product_scales_its_intensity_and_nothing_else(columns, factor):
    flows, effects, makes = columns
    product = flows.product[0]
    scaled = [
        amount * factor if name == product else amount for name, amount in zip(flows.product, flows.amount, strict=True)
    ]
    before = solve(build(flows, effects, makes))
    after = solve(build(Flows(flows.process, flows.product, scaled), effects, makes))
    for name in before.system.products:
        ratio = factor if name == product else 1.0
        for impact, value in before.intensity(name).items():
            assert after.intensity(name)[impact] * ratio == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(columns=product_systems.columns())
def test_intensities_and_scaling_agree(columns):
    system = build(*columns)
    answer = solve(system)
    assert answer.residual <= 1e-12
    demand = {product: float(place + 1) for place, product in enumerate(system.products)}
    inventory = system.interventions @ supply(system, demand)
    assert inventory == pytest.approx(answer.intensities.T @ system.demand(demand), rel=1e-9, abs=1e-9)
