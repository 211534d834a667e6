"""The energy flow of a small plant by hand; any network closes, node by node and whole, and draws without circles."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.flows import drawing, run, tables
from methods.flows.run import Site

MONTH = date(2025, 11, 1)
NAMES = tables.Names({"works": ("工厂", "Works")}, {"bus": ("母线", "Busbar")}, {})
UNITS = ("works", "mill", "turbine", "heat_recovery", "boiler", "pv")
TCE = Decimal("0.0001229"), Decimal("0.0003024")
MEASURES, CONVENTIONS = ("input", "output", "used", "loss", "imbalance"), ("gj", "tce_calorific", "tce_equivalent")


def edge(source: str, target: str, carrier: str, point: str | None, **more: Any) -> dict[str, Any]:
    name = f"{source}__{target}__{carrier}"
    row = {"flow_id": name, "from_node": source, "to_node": target, "carrier": carrier, "point_id": point}
    return row | {"is_origin": False, "loss_model": None} | more


def passed(kind: str, carrier: str, kwh: int, **more: Any) -> dict[str, Any]:
    energies = {"energy_gj": kwh * Decimal("0.0036"), "tce_calorific": kwh * TCE[0], "tce_equivalent": kwh * TCE[1]}
    row = {"kind": kind, "carrier": carrier, "quantity": Decimal(kwh), "unit": "kWh", "point_id": None, "role": None}
    return row | energies | more


def seen(carrier: str, kwh: int, point: str) -> dict[str, Any]:
    return passed("flow", carrier, kwh, point_id=point)


def plant(flows: list[dict[str, Any]]) -> Site:
    parents = dict.fromkeys(UNITS, "works") | {"works": None, "heat_recovery": "turbine"}
    classes = {row["point_id"]: "0.5S" for row in flows if row["point_id"]}
    return Site(flows, classes, dict.fromkeys(UNITS, "works"), parents, {}, {"works": {}}, "works", NAMES)


def lines(balance: list[tables.Row], carrier: str | None = None) -> dict[tuple[str, str], list[Decimal]]:
    return {
        (str(row["stage"]), str(row["node"])): [row[f"{measure}_gj"] / Decimal("0.0036") for measure in MEASURES]  # type: ignore[operator]
        for row in balance
        if carrier is None or row["carrier"] == carrier
    }


def test_a_busbar_by_hand() -> None:
    """1,000 in, 900 to the mill; 1 kW for 50 h and 2 % of what enters are lost: 70, and 30 nobody explains."""
    flows = [
        edge("grid", "bus", "electricity", "gate"),
        edge("bus", "mill", "electricity", "mill_ep"),
        edge("bus", "loss", "electricity", None, loss_model="1 kW + 2 % ± 20 %"),
    ]
    rows = [seen("electricity", 1000, "gate"), seen("electricity", 900, "mill_ep")]
    links, balance = run.month_of(plant(flows), MONTH, rows, 50)
    assert lines(balance) == {
        ("purchase", "grid"): [1000, 1000, 0, 0, 0],
        ("distribution", "bus"): [1000, 900, 0, 70, 30],
        ("end_use", "mill"): [900, 0, 900, 0, 0],
    }
    bus = next(row for row in balance if row["stage"] == "distribution")
    assert bus["imbalance_ratio"] == pytest.approx(0.03)
    # class 0.5: u = 0.5 % / √3 of 1,000 and of 900; of the loss 20 % / √3 of 70; 1.96 times the root of the squares
    assert bus["imbalance_limit_ratio"] == pytest.approx(1.96 * (5**2 + 4.5**2 + 14**2) ** 0.5 / 3**0.5 / 1000)
    assert bus["is_within_limits"] is False
    assert bus["node_name_zh"] == "母线"
    assert {(row["source"], row["target"]): row["stage"] for row in links} == {
        ("grid", "bus"): "purchase",
        ("bus", "mill"): "end_use",
        ("bus", "loss"): "loss",
        ("bus", "missing"): "imbalance",
    }


def test_what_is_left_over_is_the_use_of_what_has_no_meter() -> None:
    flows = [
        edge("grid", "bus", "electricity", "gate"),
        edge("bus", "mill", "electricity", "mill_ep"),
        edge("bus", "unmetered", "electricity", None),
    ]
    rows = [seen("electricity", 1000, "gate"), seen("electricity", 900, "mill_ep")]
    _, balance = run.month_of(plant(flows), MONTH, rows, 50)
    assert lines(balance)["distribution", "bus"] == [1000, 900, 100, 0, 0]


def test_a_converter_loses_by_one_convention_and_gains_by_the_other() -> None:
    """Gas of 1,000 makes 600 of power and, in a part of the turbine that nothing is seen to enter, 300 of heat."""
    flows = [
        edge("gas_grid", "turbine", "gas", "gas"),
        edge("turbine", "bus", "electricity", "power"),
        edge("heat_recovery", "header", "heat", "steam"),
        edge("bus", "mill", "electricity", "mill_ep"),
        edge("header", "boiler", "heat", "boiler_h"),
    ]
    amounts = {"gas": 1000, "power": 600, "steam": 300, "mill_ep": 600, "boiler_h": 300}
    carriers = {row["point_id"]: row["carrier"] for row in flows}
    rows = [passed("flow", carriers[point], kwh, point_id=point) for point, kwh in amounts.items()]
    for row in rows:
        if row["carrier"] == "gas":
            row["tce_equivalent"] = row["tce_calorific"]  # power and heat are worth more by the equivalent value
    _, balance = run.month_of(plant(flows), MONTH, rows, 720)
    assert lines(balance)["conversion", "turbine"] == [1000, 900, 0, 100, 0]
    conversion = next(row for row in balance if row["stage"] == "conversion")
    recovered = next(row for row in balance if row["stage"] == "recovered")
    assert conversion["loss_tce_equivalent"] == 0
    assert recovered["input_gj"] == 0
    assert recovered["input_tce_equivalent"] == 900 * TCE[1] - 1000 * TCE[0]


def test_what_a_panel_generates_begins_there_though_it_has_a_meter_of_its_own_use() -> None:
    flows = [edge("pv", "bus", "electricity", "pv_ep"), edge("bus", "pv", "electricity", "pv_own_use")]
    rows = [seen("electricity", 100, "pv_ep"), seen("electricity", 1, "pv_own_use")]
    rows.append(passed("supply", "electricity", 100, point_id="pv_ep", role="own_generation", energy_unit_id="works"))
    _, balance = run.month_of(plant(flows), MONTH, rows, 720)
    assert lines(balance) == {
        ("purchase", "generated"): [100, 100, 0, 0, 0],
        ("conversion", "pv"): [101, 100, 0, 1, 0],
        ("distribution", "bus"): [100, 1, 0, 0, 99],
    }


def test_what_is_not_on_the_network_comes_from_the_market() -> None:
    rows = [
        passed("supply", "diesel", 500, point_id="tank", role="purchase", energy_unit_id="works"),
        passed("use", "diesel", 450, energy_unit_id="mill", root_id="works"),
        passed("supply", "biogas", 40, point_id="digester", role="recovered", energy_unit_id="works"),
    ]
    links, balance = run.month_of(plant([]), MONTH, rows, 720)
    assert lines(balance, "diesel") == {
        ("purchase", "market"): [500, 500, 0, 0, 0],
        ("distribution", "works"): [500, 450, 50, 0, 0],
        ("end_use", "mill"): [450, 0, 450, 0, 0],
    }
    assert lines(balance, "biogas") == {
        ("recovered", "works"): [40, 40, 0, 0, 0],
        ("distribution", "works"): [40, 0, 40, 0, 0],
    }
    assert {(row["source"], row["target"], row["carrier"]): row["quantity"] for row in links} == {
        ("market", "works", "diesel"): 500,
        ("works", "mill", "diesel"): 450,
        ("works", "rest", "diesel"): 50,
        ("recovered", "works", "biogas"): 40,
        ("works", "rest", "biogas"): 40,
    }


ENDS = st.sampled_from(["grid", "bus_1", "bus_2", "header", *UNITS])
EDGES = st.lists(
    st.tuples(ENDS, ENDS, st.sampled_from(["electricity", "heat"]), st.integers(0, 10**6)), min_size=1, max_size=25
)
MODELS = st.sampled_from([None, "3 % ± 20 %"])
LOST = st.sets(st.tuples(ENDS, MODELS, st.sampled_from(["loss", "unmetered"])), max_size=4)


@given(edges=EDGES, lost=LOST, supplies=st.sets(st.integers(0, 24), max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_network_closes(edges: list[tuple[str, str, str, int]], lost: set[Any], supplies: set[int]) -> None:
    flows = [
        edge(source, target, carrier, f"p{number}") | {"flow_id": f"f{number}"}
        for number, (source, target, carrier, _) in enumerate(edges)
        if source != target
    ]
    flows += [edge(node, end, "electricity", None, loss_model=model) for node, model, end in sorted(lost, key=str)]
    rows = [passed("flow", carrier, kwh, point_id=f"p{n}") for n, (_, _, carrier, kwh) in enumerate(edges)]
    rows += [
        passed("supply", edges[n][2], edges[n][3], point_id=f"p{n}", role="own_generation", energy_unit_id="works")
        for n in supplies
        if n < len(edges)
    ]
    links, balance = run.month_of(plant(flows), MONTH, rows, 720)
    for convention in CONVENTIONS:
        total = Decimal(0)
        for row in balance:
            entered, *parts = (row[f"{measure}_{convention}"] for measure in MEASURES)
            assert entered == sum(parts), row  # type: ignore[arg-type]
            kept = sum(parts[1:])  # type: ignore[arg-type]
            total += {"purchase": entered, "recovered": entered, "sale": -entered}.get(str(row["stage"]), -kept)  # type: ignore[operator, arg-type]
        assert total == 0, convention
        column = "energy_gj" if convention == "gj" else f"energy_{convention}"
        for stage in ("purchase", "recovered", "sale"):
            drawn = sum(row[column] for row in links if row["stage"] == stage)  # type: ignore[misc]
            assert drawn == sum(row[f"input_{convention}"] for row in balance if row["stage"] == stage)  # type: ignore[misc]
    drawing.straighten(links)
    assert no_circle({(str(row["source_name_en"]), str(row["target_drawn_en"])) for row in links})


def no_circle(ends: set[tuple[str, str]]) -> bool:
    """Take away what nothing enters until nothing is left."""
    while ends:
        rest = {(source, target) for source, target in ends if source in {end for _, end in ends}}
        if rest == ends:
            return False
        ends = rest
    return True
