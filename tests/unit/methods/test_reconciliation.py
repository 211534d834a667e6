"""Data reconciliation against the literature, and what must hold for any network."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.reconciliation import accuracy, loss, solve
from methods.reconciliation.network import Flow, balances, components

# Narasimhan and Jordache, Data Reconciliation and Gross Error Detection (Gulf Publishing, 2000), example 1-1: a heat
# exchanger with a bypass; six flows of equal variance around splitter, exchanger, bypass valve and mixer.
EXCHANGER = [
    Flow("1", "plant", "splitter", None, False),
    Flow("2", "splitter", "exchanger", None, False),
    Flow("3", "splitter", "valve", None, False),
    Flow("4", "exchanger", "mixer", None, False),
    Flow("5", "valve", "mixer", None, False),
    Flow("6", "mixer", "product", None, False),
]
MEASURED = {"1": 101.91, "2": 64.45, "3": 34.65, "4": 64.20, "5": 36.44, "6": 98.88}
PUBLISHED = {"1": 100.22, "2": 64.50, "3": 35.72, "4": 64.50, "5": 35.72, "6": 100.22}


def solved(flows, known, deviation=1.0):
    found = balances(flows, set(known))
    values = np.array([known[key] for key in found.keys])
    deviations = np.array([deviation if np.isscalar(deviation) else deviation[key] for key in found.keys])
    return found, solve.reconcile(found.matrix, values[None, :], deviations[None, :])


def test_the_published_example_is_met():
    found, solution = solved(EXCHANGER, MEASURED)
    assert dict(zip(found.keys, solution.adjusted[0].round(2), strict=True)) == pytest.approx(PUBLISHED, abs=0.006)
    assert solution.degrees.tolist() == [4]
    assert solve.critical(4) == pytest.approx(9.488, abs=0.001)
    assert solution.global_statistic[0] < solve.critical(4)


def test_a_gross_error_fails_the_global_test_and_has_the_largest_statistic():
    """The same example with a bias of four in flow 2: the global test is 16.674 there and flow 2 stands out."""
    found, solution = solved(EXCHANGER, {**MEASURED, "2": 68.45})
    assert solution.global_statistic[0] == pytest.approx(16.674, abs=0.005)
    assert found.keys[int(np.nanargmax(solution.statistic))] == "2"
    assert np.nanmax(solution.statistic) > solve.critical_residual(6)


def test_unmeasured_flows_merge_their_nodes_and_what_is_joined_to_the_outside_has_no_balance():
    known = {key: value for key, value in MEASURED.items() if key not in ("3", "5")}
    found, solution = solved(EXCHANGER, known)
    assert found.names == ("exchanger", "mixer+splitter+valve")
    assert solution.degrees.tolist() == [2]
    assert balances(EXCHANGER, {"2", "3", "4", "5", "6"}).names == ("exchanger", "mixer", "valve")


def test_energy_that_begins_at_a_node_does_not_leave_its_balance():
    flows = [
        Flow("buy", "grid", "bus", None, True),
        Flow("sell", "bus", "grid", None, False),
        Flow("charge", "bus", "battery", None, False),
        Flow("discharge", "battery", "bus", None, True),
        Flow("use", "bus", "works", None, False),
    ]
    assert balances(flows, {flow.flow_id for flow in flows}).names == ("bus",)
    assert [len(group) for group in components(flows)] == [5]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_balances_hold_after_adjustment_and_unbiased_flows_stay(data):
    """Any tree of meters: after adjustment nothing is left over; exact flows are not touched."""
    parents = [data.draw(st.integers(0, n)) for n in range(data.draw(st.integers(2, 12)))]
    nodes = ["root", *(f"n{n}" for n in range(len(parents)))]
    flows = [Flow(f"f{n}", nodes[above], f"n{n}", None, False) for n, above in enumerate(parents)]
    flows.append(Flow("main", "grid", "root", None, False))
    use = {node: data.draw(st.floats(1, 1e6)) for node in nodes if node not in {flow.source for flow in flows}}
    passes = {}
    for flow in [*reversed(flows[:-1]), flows[-1]]:
        passes[flow.flow_id] = use.get(flow.target) or sum(
            passes[other.flow_id] for other in flows if other.source == flow.target
        )
    wrong = {key: value * data.draw(st.floats(0.9, 1.1)) for key, value in sorted(passes.items())}
    for known in (passes, wrong):
        found, solution = solved(flows, known, {key: 0.003 * value for key, value in known.items()})
        largest = max(known.values())
        assert np.abs(found.matrix @ solution.adjusted[0]).max() <= 1e-8 * largest
        if known is passes:
            assert np.abs(solution.adjusted[0] - np.array([passes[key] for key in found.keys])).max() <= 1e-8 * largest


def test_an_amount_without_deviation_is_not_adjusted():
    solution = solve.reconcile(np.array([[1.0, -1.0]]), np.array([[10.0, 12.0]]), np.array([[0.0, 1.0]]))
    assert solution.adjusted.tolist() == [[10.0, 10.0]]


@pytest.mark.parametrize(
    ("text", "limits"),
    [("0.5S", 0.005), ("0.2S", 0.002), ("1", 0.01), ("2.5", 0.025), ("±1.5 %", 0.015), ("", None), ("best", None)],
)
def test_a_class_names_limits_of_error(text, limits):
    assert accuracy.limit(text) == (None if limits is None else pytest.approx(limits))
    assert accuracy.standard_uncertainty(0.003) == pytest.approx(0.003 / 3**0.5)


def test_a_display_leaves_what_it_cuts_off():
    """One reading is known to a step: 0.29 of it (GUM, F.2.2.1). A register's amount is the difference of two."""
    assert accuracy.of_display(1.0, "register", 96) == pytest.approx(0.408, abs=0.001)
    assert accuracy.of_display(2.0, "interval", 96) == pytest.approx(2 * 0.2887 * 96**0.5, rel=0.001)
    assert accuracy.of_display(1.0, "power", 96) == 0.0


def test_a_loss_is_only_known_with_its_limits():
    model = loss.parse("transformer and line loss: 25 kW + 1.2 % of the load ± 20 %")
    assert model == loss.LossModel(25.0, "kWh", 0.012, 0.2, is_of_load=True)
    assert model.amount(24, 100_000) == pytest.approx(600 + 1200)
    assert loss.parse("2.4 GJ/h + 2 % of the flow ±30%") == loss.LossModel(2.4, "GJ", 0.02, 0.3)
    assert loss.parse("leakage: 0.3 % ± 50 %") == loss.LossModel(0.0, None, 0.003, 0.5)
    assert loss.parse("25 kW + 1.2 %") is None
    assert loss.parse("auxiliaries without a meter") is None
    assert loss.parse(None) is None
