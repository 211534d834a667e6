"""Product systems that others have reckoned: suites of LCA tools, textbooks, closed forms; product_systems/ has them.

Each case three times: against the number that stands in its source, against elimination in fractions, and against
Brightway's solver.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from methods.footprint import allocate, contributions
from methods.footprint.solve import solve, supply
from methods.footprint.system import Flows, Interventions, System, build
from tests.golden import other_solvers

FOLDER = Path(__file__).parent / "product_systems"
EXACT = 1e-9
PLACES = Decimal("1e-12")


def cases() -> Iterator[dict[str, Any]]:
    for file in sorted(FOLDER.glob("*.yaml")):
        read = yaml.safe_load(file.read_text("utf-8"))
        for case in read["cases"]:
            source = case["source"]
            yield {**case, "source": source if isinstance(source, dict) else read["sources"][source]}


CASES = list(cases())
every = pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])


def system_of(case: dict[str, Any]) -> System:
    if "allocate" not in case:
        return build(Flows.of(case["flows"]), Interventions.of(case["interventions"]), case.get("makes"))
    found = []
    for one in case["allocate"]:
        amounts = [
            {name: Decimal(str(amount)) for name, amount in one.get(part, {}).items()}
            for part in ("outputs", "inputs", "emissions", "keys", "shares")
        ]
        process, keys, told = allocate.Process(one["process"], *amounts[:3]), amounts[3], amounts[4]
        shares = allocate.told(told) if told else allocate.shares(process.outputs, keys or None)
        found += [process] if len(process.outputs) == 1 else allocate.allocated(process, shares)
    return build(*allocate.columns(found))


def near(value: object) -> Any:
    return pytest.approx(float(Fraction(str(value))), rel=EXACT, abs=EXACT)


@every
def test_the_core_has_the_number_of_the_source(case):
    system = system_of(case)
    answer = solve(system)
    parts = contributions.by_process(system, case["demand"], PLACES)
    runs = dict(zip(system.processes, supply(system, case["demand"]), strict=True))
    for impact, value in case["inventory"].items():
        printed = contributions.total(parts, lambda one, impact=impact: one.impact == impact)
        assert float(printed) == near(value), case["says"]
        total = sum(answer.intensity(product)[impact] * amount for product, amount in case["demand"].items())
        assert total == near(value), case["says"]
    for process, value in case.get("runs", {}).items():
        assert runs[process] == near(value), case["says"]
    for product, impacts in case.get("intensity", {}).items():
        for impact, value in impacts.items():
            assert answer.intensity(product)[impact] == near(value), case["says"]
    for process, impacts in case.get("contributions", {}).items():
        found = {one.impact: float(one.amount) for one in parts if one.process == process}
        assert found == {impact: near(value) for impact, value in impacts.items()}, case["says"]


@every
def test_the_tree_adds_up_and_has_the_nodes_of_the_source(case):
    (product, amount), *more = case["demand"].items()
    nodes = contributions.tree(solve(system_of(case)), product, amount, cut=0.01, quantum=PLACES)
    own = sum(node.own for node in nodes)
    assert own == nodes[0].amount
    if "tree" in case:
        assert not more
        for node, (process, value, itself) in zip(nodes, case["tree"], strict=False):
            assert (node.process, float(node.amount), float(node.own)) == (process, near(value), near(itself))


@every
def test_elimination_in_fractions_has_the_same(case):
    system = system_of(case)
    exact = other_solvers.in_fractions(system)
    assert solve(system).intensities == pytest.approx(exact, rel=1e-9, abs=1e-12)


@every
def test_brightway_has_the_same(case):
    system = system_of(case)
    runs, inventory = other_solvers.by_brightway(system, system.demand(case["demand"]))
    largest = np.abs(runs).max()
    assert supply(system, case["demand"]) == pytest.approx(runs, rel=EXACT, abs=EXACT * largest)
    assert system.interventions @ supply(system, case["demand"]) == pytest.approx(
        inventory, rel=EXACT, abs=EXACT * largest
    )


def test_the_cases_are_many_cited_and_of_every_kind():
    assert len({case["id"] for case in CASES}) == len(CASES) >= 30
    for case in CASES:
        assert case["source"]["what"], case["id"]
        assert case["at"], case["id"]
        assert case["says"], case["id"]
    addresses = [case["source"]["url"] for case in CASES if "url" in case["source"]]
    assert all(address.startswith("https://github.com/") and "/blob/" in address for address in addresses)
    assert len(addresses) >= 20
    assert len([case for case in CASES if "allocate" in case]) >= 5
    assert len([case for case in CASES if "makes" in case]) >= 5
    assert len([case for case in CASES if any(word in case["id"] for word in ("loop", "ring", "sectors"))]) >= 8
