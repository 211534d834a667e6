"""The reference park's folder: ids that agree, every carrier of the guide, four levels, addresses without clashes."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from examples.reference_park.plant import modbus, planted
from examples.reference_park.simulator.meters import STACK
from examples.reference_park.simulator.park import SITE, table
from lake.site.check import check_site

CARRIERS = {
    *("bituminous_coal", "diesel", "electricity_waste_heat", "electricity_grid", "natural_gas", "coke", "lime"),
    *("electrode", "methanol", "hydrogen", "steam", "heat", "electricity_pv", "gasoline", "kerosene", "ethanol"),
    *("biomass_solid", "electricity_wind", "electricity_hydro", "electricity_thermal", "electricity_biomass"),
    *("fuel_oil", "ammonia", "crude_oil", "electricity", "lng", "lpg", "anthracite", "fresh_water"),
}


@pytest.mark.parametrize("name", ["reference_park", "uci_steel"])
def test_the_site_folder_has_no_fault(name: str) -> None:
    folder = SITE.parent / name
    assert check_site(folder, {"NENGTAN_DATASETS": "datasets"}) == []


def test_every_carrier_is_allocated_at_a_root() -> None:
    roots = table("energy_units").filter(pl.col("parent_id").is_null())["energy_unit_id"]
    allocated = set(table("allocations").filter(pl.col("energy_unit_id").is_in(roots.implode()))["carrier"])
    assert allocated >= CARRIERS


def test_uses_beside_fuel_occur() -> None:
    uses = Counter(table("allocations")["use_type"])
    assert uses["feedstock"] >= 3
    assert uses["non_energy"] >= 2


def test_the_hierarchy_has_four_levels_in_each_enterprise() -> None:
    parents = dict(table("energy_units").select("energy_unit_id", "parent_id").rows())

    def depth(unit: str) -> int:
        parent = parents[unit]
        return 1 if parent is None else 1 + depth(parent)

    deepest: Counter[str] = Counter()
    for unit, organization in table("energy_units").select("energy_unit_id", "organization_id").rows():
        deepest[organization] = max(deepest[organization], depth(unit))
    assert {organization for organization, levels in deepest.items() if levels == 4} == {
        *("cement", "steel", "chemical", "machinery", "energy_centre"),
    }


def test_no_two_points_of_a_source_share_an_address() -> None:
    points = table("points").with_columns(pl.coalesce("address", "point_id").alias("address"))
    assert points.height >= 150
    assert points.group_by("source", "address").len().filter(pl.col("len") > 1).is_empty()


def test_modbus_registers_of_a_device_do_not_overlap() -> None:
    addresses = table("points").filter(pl.col("source") == modbus.SOURCE)["address"].to_list()
    assert len(addresses) >= 40
    used: Counter[tuple[str, int]] = Counter()
    for device, _, address, kind in (text.split(":") for text in addresses):
        for offset in range(len(modbus.words(1, kind))):
            used[device, int(address, 0) + offset] += 1
    assert max(used.values()) == 1
    assert all(place < modbus.CLOCK for _, place in used)


def test_the_bad_inputs_cover_every_reason() -> None:
    reasons = {bad.reason_code for bad in planted.bad_inputs()}
    assert reasons == {
        *("bad_row", "unknown_point", "bad_value", "bad_time", "register_out_of_range", "future_time", "bad_payload"),
        "protocol_error",
    }
    sources = set(table("points")["source"]) - {STACK}
    assert {bad.source for bad in planted.bad_inputs()} == sources


def test_internal_transfers_have_both_sides() -> None:
    rows = table("allocations")
    sold = rows.filter(pl.col("role") == "internal_sale").select("point_id", seller=pl.lit("energy_centre"))
    bought = rows.filter(pl.col("role") == "internal_purchase").select("point_id", seller="counterparty")
    assert sold.height == bought.height == 6
    assert sorted(sold.rows()) == sorted(bought.rows())


def test_the_readme_of_the_truth_names_what_is_written(tmp_path: Path) -> None:
    text = (SITE / "simulator/truth_readme.md").read_text("utf-8")
    for name in ("flows.parquet", "registers.parquet", "points_monthly.parquet", "monthly.parquet", "planted_bad.json"):
        assert name in text
