"""Draws: as distributions are, the same again for a seed, and one error wherever its name stands."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.errors import NengtanError
from methods.footprint import distributions
from methods.footprint.sample import sample
from methods.footprint.solve import solve
from methods.footprint.system import Flows, Interventions, build
from tests.unit.methods import product_systems

MANY = 200_000
FLOWS = Flows.of(
    [
        ("mill", "steel", 1.0, None),
        ("mill", "power", -2.0, "use"),
        ("plant", "power", 1.0, None),
        ("plant", "steel", -0.1, None),
    ]
)
EFFECTS = Interventions.of([("mill", "co2", 1.0, "factor"), ("plant", "co2", 0.5, "factor")])


@pytest.mark.parametrize(
    ("one", "levels"),
    [
        (distributions.lognormal_gsd2(1.5), {0.025: 1 / 1.5**0.98, 0.5: 1.0, 0.975: 1.5**0.98}),
        (distributions.lognormal(0.3), {0.05: math.exp(0.3 * NormalDist().inv_cdf(0.05)), 0.5: 1.0}),
        (distributions.normal_u95(0.2), {0.025: 0.8, 0.5: 1.0, 0.975: 1.2}),
        (distributions.uniform(0.8, 1.4), {0.05: 0.83, 0.5: 1.1, 0.95: 1.37}),
        (distributions.triangular(0.0, 1.0, 2.0), {0.125: 0.5, 0.5: 1.0, 0.875: 1.5}),
        (distributions.triangular(1.0, 1.0, 2.0), {0.75: 1.5}),
        (distributions.normal(0.0), {0.05: 1.0, 0.95: 1.0}),
    ],
)
def test_draws_have_the_quantiles_of_their_distribution(one, levels):
    drawn = distributions.drawn(one, "anything", MANY, 1)
    assert np.quantile(drawn, list(levels)) == pytest.approx(list(levels.values()), abs=0.006)


def test_a_normal_draw_never_turns_a_use_into_a_credit():
    assert distributions.drawn(distributions.normal(2.0), "wide", 1000, 1).min() == 0.0


def test_one_name_is_one_error_wherever_it_stands():
    system = build(FLOWS, EFFECTS)
    drawn = sample(system, {"factor": distributions.lognormal(0.2)}, draws=50)
    exact = solve(system).intensities
    ratio = distributions.drawn(distributions.lognormal(0.2), "factor", 50, 20_260_101)
    assert drawn.intensities == pytest.approx(exact[None] * ratio[:, None, None], rel=1e-12)


def test_every_draw_is_the_system_solved_with_its_amounts():
    known = {"use": distributions.uniform(0.5, 1.5), "factor": distributions.normal_u95(0.3)}
    drawn = sample(build(FLOWS, EFFECTS), known, draws=20, seed=7)
    ratios = {name: distributions.drawn(one, name, 20, 7) for name, one in known.items()}
    for draw in range(20):
        one = [
            type(given)(
                given.process,
                other,
                [
                    amount * (ratios[name][draw] if name else 1.0)
                    for amount, name in zip(given.amount, given.parameter, strict=True)
                ],
            )
            for given, other in ((FLOWS, FLOWS.product), (EFFECTS, EFFECTS.impact))
        ]
        assert drawn.intensities[draw] == pytest.approx(solve(build(*one)).intensities, rel=1e-12)


@settings(max_examples=20)
@given(columns=product_systems.columns(), seed=st.integers(0, 2**32))
def test_a_seed_gives_the_same_bits_again_and_another_gives_others(columns, seed):
    flows, effects, makes = columns
    named = Interventions(effects.process, effects.impact, effects.amount, [f"{name}" for name in effects.process])
    known = {name: distributions.lognormal(0.1) for name in effects.process}
    system = build(flows, named, makes)
    first, again = (sample(system, known, draws=8, seed=seed).intensities for _ in range(2))
    assert first.tobytes() == again.tobytes()
    if np.any(first[0]):
        assert first.tobytes() != sample(system, known, draws=8, seed=seed + 1).intensities.tobytes()


def test_quantiles_are_of_the_sum_of_impacts_for_chosen_products():
    effects = Interventions.of([("mill", "fossil", 1.0, "a"), ("mill", "land", 1.0, "b"), ("plant", "fossil", 0.0)][:2])
    known = {"a": distributions.uniform(0.0, 1.0), "b": distributions.uniform(0.0, 1.0)}
    drawn = sample(build(Flows.of([("mill", "steel", 1.0)]), effects), known, draws=20_000, products=["steel"])
    assert drawn.quantiles()[0] == pytest.approx([math.sqrt(0.1), 1.0, 2 - math.sqrt(0.1)], abs=0.02)
    assert drawn.quantiles((0.5,), ["land"])[0, 0] == pytest.approx(0.5, abs=0.02)


def test_draws_of_a_system_with_credits_are_solved_one_by_one():
    rows = [("a", "x", 1.0, None), ("a", "y", 1.5, "co"), ("b", "y", 1.0, None), ("b", "x", 1.5, None)]
    system = build(Flows.of(rows), Interventions.of([("a", "co2", 1.0), ("b", "co2", 3.0)]), {"a": "x", "b": "y"})
    drawn = sample(system, {"co": distributions.uniform(0.9, 1.1)}, draws=5).intensities[:, 0, 0]
    co = 1.5 * distributions.drawn(distributions.uniform(0.9, 1.1), "co", 5, 20_260_101)
    assert drawn == pytest.approx((1 - co * 3) / (1 - co * 1.5), rel=1e-12)


def test_uncertainties_that_a_loop_cannot_bear_are_said():
    rows = [("mill", "steel", 1.0, None), ("mill", "power", -2.0, "use"), ("plant", "power", 1.0, None)]
    system = build(Flows.of([*rows, ("plant", "steel", -0.4, None)]), Interventions.of([("mill", "co2", 1.0)]))
    with pytest.raises(NengtanError, match=r"draw \d+ has a loop that uses at least as much as it makes"):
        sample(system, {"use": distributions.uniform(0.5, 3.0)}, draws=100)


@pytest.mark.parametrize(
    "make",
    [
        lambda: distributions.lognormal(-0.1),
        lambda: distributions.lognormal_gsd2(0.9),
        lambda: distributions.lognormal_gsd2(-1.0),
        lambda: distributions.normal(math.nan),
        lambda: distributions.uniform(2.0, 1.0),
        lambda: distributions.triangular(0.0, 3.0, 2.0),
    ],
)
def test_parameters_out_of_order_are_refused(make):
    with pytest.raises(NengtanError, match="distribution cannot have"):
        make()
