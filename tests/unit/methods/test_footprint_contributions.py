"""What is printed of a footprint adds up to it: by process, by supplier, along the paths."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from methods.footprint import contributions, exact
from methods.footprint.solve import solve
from methods.footprint.system import Flows, Interventions, build
from tests.unit.methods import product_systems

PLACES = Decimal("0.000001")


@given(parts=st.lists(st.floats(-1e9, 1e9), max_size=40), places=st.integers(0, 9))
@example(parts=[1.0, 536870911.2941763], places=8)
def test_printed_parts_add_up_to_the_rounded_sum_and_none_is_off_by_a_quantum(parts, places):
    quantum = Decimal(1).scaleb(-places)
    printed = exact.quantised(parts, quantum)
    assert exact.summed(printed) == exact.rounded(parts, quantum)
    for part, said in zip(parts, printed, strict=True):
        assert abs(Decimal(part) - said) < quantum
        assert said == said.quantize(quantum)


@given(parts=st.lists(st.floats(-1e3, 1e3), min_size=1), off=st.integers(-50, 50))
def test_a_total_that_was_told_is_met(parts, off):
    told = exact.rounded(parts, PLACES) + off * PLACES
    assert exact.summed(exact.quantised(parts, PLACES, told)) == told


@given(columns=product_systems.columns(), amount=st.floats(0.1, 1e4))
def test_contributions_are_the_footprint(columns, amount):
    system = build(*columns)
    solution = solve(system)
    product = system.products[0]
    parts = contributions.by_process(system, {product: amount}, PLACES)
    for impact, value in solution.intensity(product).items():
        said = contributions.total(parts, lambda one, impact=impact: one.impact == impact)
        assert float(said) == pytest.approx(value * amount, rel=1e-9, abs=1e-6)


@given(columns=product_systems.columns())
def test_suppliers_of_the_first_tier_are_the_footprint(columns):
    system = build(*columns)
    solution = solve(system)
    for process, product in zip(system.processes, system.products, strict=True):
        parts = contributions.by_supplier(solution, process, PLACES)
        for impact, value in solution.intensity(product).items():
            said = contributions.total(parts, lambda one, impact=impact: one.impact == impact)
            assert float(said) == pytest.approx(value, rel=1e-9, abs=1e-6)


@given(columns=product_systems.columns(), cut=st.sampled_from([0.0, 0.01, 0.2]), depth=st.integers(0, 5))
def test_every_node_of_the_tree_is_its_own_and_its_children(columns, cut, depth):
    system = build(*columns)
    product = system.products[-1]
    parts = contributions.by_process(system, {product: 3.0}, PLACES)
    nodes = contributions.tree(
        solve(system), product, 3.0, cut=cut, depth=depth, quantum=PLACES, total=contributions.total(parts)
    )
    children = defaultdict(list)
    for node in nodes:
        children[node.parent].append(node)
    assert nodes[0].amount == contributions.total(parts)
    assert len({node.node for node in nodes}) == len(nodes)
    for node in nodes:
        below = exact.summed([child.amount for child in children[node.node]])
        assert node.amount == node.own + below
        assert node.depth <= depth + 1
        assert node.parent is None or node.parent < node.node


def test_a_loop_unrolls_along_its_tree_and_the_remainder_says_what_is_cut():
    flows = Flows.of([("mill", "steel", 1), ("mill", "power", -1), ("plant", "power", 1), ("plant", "steel", -0.5)])
    system = build(flows, Interventions.of([("mill", "co2", 1), ("plant", "co2", 1)]))
    nodes = contributions.tree(solve(system), "steel", cut=0.2, quantum=Decimal("0.001"))
    assert [(node.process, str(node.amount), str(node.own)) for node in nodes] == [
        ("mill", "4.000", "1.000"),
        ("plant", "3.000", "1.000"),
        ("mill", "2.000", "0.500"),
        ("plant", "1.500", "0.500"),
        ("mill", "1.000", "0.250"),
        (None, "0.750", "0.750"),
    ]
