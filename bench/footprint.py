"""How long whole product systems take: every product's intensities of 10,000 and 100,000 processes, and Monte Carlo."""

import json
import sys
import time
from dataclasses import dataclass

import numpy as np

from bench.measure import Cost, child, median_cpu_s
from methods.footprint import distributions
from methods.footprint.sample import sample
from methods.footprint.solve import Solution, solve
from methods.footprint.system import Flows, Interventions, build

#: Inputs of a process, impacts, and the range of what a process takes of all products together per unit it makes.
_INPUTS, _IMPACTS, _TAKES = 10, 4, (0.45, 0.95)
_NEAR, _FAR = 200, 0.1
#: Processes of the two systems and of the one that is drawn, and its draws.
SIZES, DRAWN, DRAWS = (10_000, 100_000), 1_000, 1_000


@dataclass(frozen=True)
class Economy:
    """The rows of a system that is made from a seed."""

    flows: Flows
    interventions: Interventions


def economy(processes: int, seed: int) -> Economy:
    """Return a system as databases are: most inputs from nearby branches, a tenth from anywhere, loops everywhere.

    Amounts spread over orders of magnitude, as does what a process makes in a run; every amount has a parameter.
    """
    random = np.random.default_rng(seed)
    names = np.array([f"process_{number:06d}" for number in range(processes)], dtype=object)
    made = random.lognormal(0.0, 2.0, processes)
    maker = np.repeat(np.arange(processes), _INPUTS)
    near = (maker + random.integers(1, _NEAR, len(maker))) % processes
    taken = np.where(random.random(len(maker)) < _FAR, random.integers(0, processes, len(maker)), near)
    share = random.lognormal(0.0, 1.5, (processes, _INPUTS))
    share *= (random.uniform(*_TAKES, processes) / share.sum(axis=1))[:, None]
    parameter = [*[None] * processes, *[f"input_{number}" for number in range(len(maker))]]
    flows = Flows(
        [*names, *names[maker]], [*names, *names[taken]], np.r_[made, -share.ravel() * made[maker]], parameter
    )
    kinds = [f"impact_{kind}" for kind in range(_IMPACTS) for _ in range(processes)]
    amounts = random.lognormal(0.0, 2.0, (_IMPACTS, processes)) * made
    factors = [f"factor_{number % 500}" for number in range(_IMPACTS * processes)]
    return Economy(flows, Interventions([*names] * _IMPACTS, kinds, amounts.ravel(), factors))


def solved(processes: int, seed: int) -> Solution:
    """Return the intensities of every product of such a system."""
    rows = economy(processes, seed)
    return solve(build(rows.flows, rows.interventions))


def measured(seed: int, repeats: int) -> dict[str, float | str]:
    """Return the figures: wall seconds from rows to intensities, peak memory of the process, residual and way."""
    figures: dict[str, float | str] = {}
    for processes in SIZES:
        figures |= _told(f"footprint.solve_{processes // 1000}k", _runs(["solve", processes, seed], repeats))
    return figures | _told("footprint.monte_carlo", _runs(["draw", DRAWN, seed], repeats))


def _runs(words: list[str | int], repeats: int) -> list[Cost]:
    return [child([sys.executable, "-m", "bench.footprint", *map(str, words)]) for _ in range(repeats)]


def _told(name: str, costs: list[Cost]) -> dict[str, float | str]:
    answers = [json.loads(cost.output) for cost in costs]
    told = {key: value for key, value in answers[0].items() if key != "wall_s"}
    return {
        f"{name}_s": float(np.median([answer["wall_s"] for answer in answers])),
        f"{name}_cpu_s": median_cpu_s(costs),
        f"{name}_peak_memory_mb": max(cost.peak_mb for cost in costs),
        **{f"{name}_{key}": value for key, value in told.items()},
    }


def _alone(what: str, processes: int, seed: int) -> dict[str, float | str]:
    """Do one of them in this process; the seconds start when the rows are there."""
    rows = economy(processes, seed)
    started = time.monotonic()
    system = build(rows.flows, rows.interventions)
    if what == "solve":
        answer = solve(system)
        wall_s = time.monotonic() - started
        return {"wall_s": wall_s, "residual": answer.residual, "steps": answer.steps, "way": answer.way}
    names = {*system.flows.parameters, *system.effects.parameters}
    drawn = sample(system, {name: distributions.lognormal_gsd2(1.2) for name in sorted(names)}, DRAWS, seed)
    median = drawn.quantiles((0.5,), ["impact_0"])
    return {"wall_s": time.monotonic() - started, "parameters": len(names), "median_of_the_first": float(median[0, 0])}


if __name__ == "__main__":
    print(json.dumps(_alone(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
