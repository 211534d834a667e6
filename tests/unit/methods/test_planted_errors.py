"""Whatever meter of a busbar is wrong beyond its class, it is among those that are named; sound ones are not."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.reconciliation import run

DAYS = [date(2025, 4, 1) + timedelta(days=number) for number in range(30)]


def busbar(feeders: int) -> pa.Table:
    rows = [("main", "grid", "bus", True), *((f"f{n}", "bus", f"u{n}", False) for n in range(feeders))]
    return pa.Table.from_pylist(
        [
            {
                "flow_id": name,
                "from_node": source,
                "to_node": target,
                "carrier": "electricity",
                "point_id": name,
                "is_origin": origin,
                "loss_model": None,
            }
            for name, source, target, origin in rows
        ]
    )


def shown(loads: np.ndarray, errors: dict[str, float]) -> pa.Table:
    """What the meters show of daily loads (days, feeders): each within 0.3 of its class of 0.5, but the wrong ones."""
    amounts = {"main": loads.sum(axis=1), **{f"f{n}": loads[:, n] for n in range(loads.shape[1])}}
    return pa.Table.from_pylist(
        [
            {
                "point_id": name,
                "local_date": day,
                "quantity": float(column[number] * (1 + errors[name])),
                "quantity_unit": "kWh",
                "hours": 24.0,
                "intervals": 96,
            }
            for name, column in amounts.items()
            for number, day in enumerate(DAYS)
        ]
    )


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_planted_error_is_named(data):
    feeders = data.draw(st.integers(2, 8), "feeders")
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), "loads"))
    loads = random.uniform(500.0, 1500.0, feeders) * random.uniform(0.3, 1.0, (len(DAYS), feeders))
    names = ["main", *(f"f{n}" for n in range(feeders))]
    errors = {name: float(random.uniform(-0.0015, 0.0015)) for name in names}
    flows = busbar(feeders)
    meter = {"accuracy_class": "0.5S", "kind": "register", "step": 0.01}
    meters = pa.Table.from_pylist([{"point_id": name, **meter} for name in names])
    sound = run.reconcile(flows, meters, shown(loads, errors))
    assert not any(row["is_suspect"] for row in sound.errors)
    wrong = data.draw(st.sampled_from(names), "wrong")
    size = data.draw(st.sampled_from([-0.3, -0.1, 0.1, 0.3]), "error")
    found = run.reconcile(flows, meters, shown(loads, {**errors, wrong: size}))
    suspects = sorted((row for row in found.errors if row["is_suspect"]), key=lambda row: -row["error_statistic"])
    assert suspects
    assert wrong in {suspects[0]["key"], *suspects[0]["alike"]}
    if suspects[0]["key"] == wrong:
        assert abs(suspects[0]["error_ratio"] - size) < 0.05
