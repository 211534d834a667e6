"""Nothing is lost and nothing counts twice: what leaves the processes, times its footprint, is all they emitted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.footprint import inventory, tables
from methods.footprint.inventory import Inventory
from methods.footprint.solve import solve
from tests.unit.methods import footprint_works


@st.composite
def sites(draw):
    """Rows of a site: processes with up to three products each, shared by mass, that take from one another in loops."""
    size = draw(st.integers(1, 5))
    products = {f"p{at}": [f"x{at}_{part}" for part in range(draw(st.integers(1, 3)))] for at in range(size)}
    made = {name: draw(st.floats(1, 1e5)) for mine in products.values() for name in mine}
    left = {name: 0.6 * amount for name, amount in made.items()}
    rows = []
    for process, mine in products.items():
        for part, name in enumerate(mine):
            kind = "co_product" if part else "product"
            shared = {"allocation": "mass", "allocation_value": made[name], "allocation_value_unit": "t"}
            rows.append(
                footprint_works.row(process, name, "output", kind, quantity=made[name], quantity_unit="t", **shared)
            )
        for other in draw(st.lists(st.sampled_from(sorted(made)), max_size=3, unique=True)):
            taken = draw(st.floats(0.0, 0.3)) * left[other]
            left[other] -= taken
            told = {"provider_kind": "process", "item": other, "quantity": round(taken, 6), "quantity_unit": "t"}
            rows.append(footprint_works.row(process, f"{process}_{other}", "input", "material", **told))
        for gas in draw(st.lists(st.sampled_from(["CO2", "CH4", "N2O"]), unique=True)):
            told = {"gas": gas, "kind_of_carbon": draw(st.sampled_from(["fossil", "biogenic_non_co2"]))}
            told["emissions_kgco2e"] = round(draw(st.floats(-1e3, 1e6)), 6)
            rows.append(footprint_works.row(process, f"{process}_{gas}", "emission", "elementary", quantity=1, **told))
        if draw(st.booleans()):
            told = {"stage": "distribution", "provider_kind": "secondary", "quantity": 5, "emissions_kgco2e": 70}
            rows.append(footprint_works.row(process, f"{process}_way", "input", "transport", **told))
    return rows, {name: process for process, mine in products.items() for name in mine}


@given(site=sites())
def test_what_leaves_the_processes_carries_all_that_was_emitted(site):
    is_conserved(inventory.of_period(*site))


def test_what_leaves_the_works_carries_all_that_was_emitted():
    rows = list(footprint_works.rows())
    outputs = {row["item"]: row["process_id"] for row in rows if row["kind"] in ("product", "co_product")}
    is_conserved(inventory.of_period(rows, outputs))


def is_conserved(found: Inventory) -> None:
    """Run every process once: what is left of each product, times its intensity, against the emissions of all nodes."""
    system = found.system
    assert system is not None
    once = np.array([not process.endswith(">past_gate") for process in system.processes], np.float64)
    net = system.technosphere @ once
    counted = [place for place, kind in enumerate(system.impacts) if kind in tables.PARTS]
    intensities = solve(system).intensities[:, counted].sum(axis=1)
    carried = sum(float(net[at] * intensities[at]) for at in map(system.of_product, found.made))
    inside = [row for row in found.nodes.values() if not inventory.is_past_gate(row)]
    emitted = [float(row["emissions_kgco2e"] or 0) for row in inside if row["kind_of_carbon"] in tables.PARTS]
    size = sum(map(abs, emitted))
    assert carried == pytest.approx(sum(emitted), rel=1e-9, abs=1e-9 * max(size, 1.0))
