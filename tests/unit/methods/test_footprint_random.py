"""Systems that are made from seeds: the core against Brightway's solver, and each of its ways against the others."""

import numpy as np
import pytest

from bench import footprint
from methods.footprint import contributions, solve, ways
from methods.footprint.sample import sample
from methods.footprint.scaled import scaled
from methods.footprint.system import build
from tests.golden import other_solvers

#: Relative to the largest number of a kind: what two solvers in doubles can agree to.
SAME = 1e-9


@pytest.mark.parametrize("hundred", range(4))
def test_two_hundred_random_systems_are_as_brightway_has_them(hundred):
    compared = 0
    for seed in range(50 * hundred, 50 * (hundred + 1)):
        rows = footprint.economy(2 + seed % 60, seed)
        system = build(rows.flows, rows.interventions)
        random = np.random.default_rng(seed)
        demand = {name: random.normal() for name in random.choice(system.products, 2, replace=False).tolist()}
        runs, inventory = other_solvers.by_brightway(system, system.demand(demand))
        assert solve.supply(system, demand) == pytest.approx(runs, rel=SAME, abs=SAME * np.abs(runs).max())
        intensities = solve.solve(system).intensities
        assert intensities.T @ system.demand(demand) == pytest.approx(
            inventory, rel=SAME, abs=SAME * np.abs(intensities).max()
        )
        parts = contributions.by_process(system, demand)
        for impact, value in zip(system.impacts, inventory, strict=True):
            printed = contributions.total(parts, lambda one, impact=impact: one.impact == impact)
            assert float(printed) == pytest.approx(value, rel=SAME, abs=1e-8)
        compared += 1
    assert compared == 50


def test_every_way_closes_and_has_the_same():
    rows = footprint.economy(600, 11)
    unit = scaled(build(rows.flows, rows.interventions))
    answers = [way(unit.takes, unit.effects) for way in (ways.swept, ways.preconditioned, ways.factorised)]
    assert [answer.way for answer in answers] == ["swept", "preconditioned", "factorised"]
    for answer in answers:
        assert answer.residual <= ways.CLOSED
        assert answer.answer == pytest.approx(answers[-1].answer, rel=1e-10)


def test_a_large_system_is_swept_and_one_with_a_slow_loop_is_not():
    rows = footprint.economy(2_000, 3)
    assert solve.solve(build(rows.flows, rows.interventions)).way == "swept"
    size = 1_500
    flows = [(f"p{at}", f"x{at}", 1.0) for at in range(size)] + [
        (f"p{at}", f"x{(at + 1) % size}", -0.99999) for at in range(size)
    ]
    ring = build(type(rows.flows).of(flows), type(rows.interventions).of([("p0", "co2", 1.0)]))
    answer = solve.solve(ring)
    assert answer.way != "swept"
    assert answer.intensity("x0")["co2"] == pytest.approx(1 / (1 - 0.99999**size), rel=1e-9)


def test_a_seed_makes_the_same_system_with_loops_and_draws_of_it():
    rows, again = footprint.economy(300, 5), footprint.economy(300, 5)
    assert np.array_equal(rows.flows.amount, again.flows.amount)
    system = build(rows.flows, rows.interventions)
    known = {name: footprint.distributions.lognormal_gsd2(1.2) for name in system.flows.parameters}
    drawn = sample(system, known, draws=40, seed=5)
    assert drawn.intensities.shape == (40, 300, 4)
    exact = solve.solve(system).intensities
    assert drawn.quantiles((0.5,))[:, 0] == pytest.approx(exact.sum(axis=1), rel=0.5)


def test_the_bench_runs_each_part_in_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr(footprint, "SIZES", (2_000,))
    monkeypatch.setattr(footprint, "DRAWN", 50)
    figures = footprint.measured(1, 1)
    assert figures["footprint.solve_2k_way"] == "swept"
    assert figures["footprint.solve_2k_residual"] <= ways.CLOSED
    assert figures["footprint.monte_carlo_parameters"] > 500
    assert {name.rpartition("_")[2] for name in figures} >= {"s", "mb", "residual", "way"}
