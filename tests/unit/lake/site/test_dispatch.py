"""dispatch.yaml: the park's is without faults, and slips are named with their line."""

import shutil
from pathlib import Path

import pytest

from lake.site.check import check_site
from lake.site.dispatch import read_dispatch
from methods.dispatch import plant

PARK = Path(__file__).resolve().parents[4] / "examples/reference_park"


def _faults(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """Return the faults of the park's file with some words exchanged."""
    made = folder / "park"
    shutil.copytree(PARK, made, ignore=shutil.ignore_patterns("simulator", "plant", "__pycache__"))
    text = (made / "dispatch.yaml").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (made / "dispatch.yaml").write_text(text, "utf-8")
    return [str(fault) for fault in check_site(made, {}) if "dispatch.yaml" in str(fault)]


def test_the_park_can_be_dispatched() -> None:
    read, told = read_dispatch(PARK)
    found = plant.of(told)
    assert read.faults == []
    assert len(found.devices) >= 15
    assert {node.organization_id for node in found.nodes.values()} == {
        "energy_centre",
        "chemical",
        "machinery",
        "cement",
    }
    turbine = found.devices["gas_turbine_2"]  # merged from the first one
    assert isinstance(turbine, plant.Converter)
    assert turbine.min_kw == 8000
    assert turbine.on[""] + turbine.per_kw[""] * 20000 == pytest.approx(5113)
    assert turbine.per_kw["centre_bus"] < 0 < turbine.per_kw["steam_header"]


def test_slips_are_named_with_their_line(tmp_path: Path) -> None:
    found = _faults(
        tmp_path,
        ("node: centre_bus\n    point: enc_e_gateway_ee", "node: center_bus\n    point: enc_e_gateway_ee"),
        ("point: chm_steam_boiler_h", "point: chm_steam_boiler_x"),
        ("kind: storage", "kind: storrage"),
        ("power_kw: 8000, fuel: 2381", "power_kw: 28000, fuel: 2381"),
        ("    max_kw: 50000\n", ""),
        ("share: 0.3", "shares: 0.3"),
        ("fuel: 3.691", "feul: 3.691"),
        ("enc_contract_hydro_ep", "enc_contract_hydro"),
    )
    assert len(found) == 9, found  # the second turbine has the line of the first
    for words in (
        "devices.centre_feed_in.node: 'center_bus' is unknown (did you mean centre_bus?)",
        "devices.coal_boiler.point: 'chm_steam_boiler_x' is unknown",
        "devices.battery.kind: 'storrage' is unknown (did you mean storage?)",
        "devices.gas_turbine_1.at: is not in order, the least load comes first",
        "devices.centre_grid.max_kw: is missing, a purchase needs it",
        "devices.charging.shares: is unknown (did you mean share?)",
        "'feul' is unknown (did you mean fuel?)",
        "contracts.electricity_hydro: 'enc_contract_hydro' is unknown",
    ):
        assert any(words in fault for fault in found), (words, found)
    assert all(fault.startswith("dispatch.yaml:") for fault in found)


def test_a_site_without_it_gets_no_advice(tmp_path: Path) -> None:
    read, told = read_dispatch(tmp_path)
    assert (read.faults, told) == ([], {})
