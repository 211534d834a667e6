"""The simulated park: what flows in flows out, meters keep to their class, an energy manager believes the figures."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from examples.reference_park.simulator import business, meters, park
from examples.reference_park.simulator.park import Park

YEAR = 365
RAW_COAL_KGCE = 714.3  # GB/T 2589: kgce per t
POWER_KGCE = 0.1229


@pytest.fixture(scope="module")
def year() -> Park:
    return park.simulate(date(2025, 1, 1), YEAR, seed=1)


@pytest.fixture(scope="module")
def all_points() -> list[meters.Point]:
    return meters.points(seed=1)


def total(simulated: Park, *names: str) -> float:
    return sum(float(simulated.flows[name].sum()) for name in names)


def made(simulated: Park, product: str) -> float:
    return sum(float(series.sum()) for key, series in simulated.products.items() if key[2] == product)


def test_what_flows_into_a_node_flows_out_of_it_in_every_quarter_hour(year: Park) -> None:
    edges = park.table("flows").with_columns(name=pl.coalesce("point_id", "flow_id"))
    closed = edges.filter(pl.col("to_node").is_in(["loss", "unmetered"])).select("from_node", "carrier").unique().rows()
    assert len(closed) >= 20
    for node, carrier in [*closed, ("chemical_h2", "hydrogen")]:
        of_carrier = edges.filter(pl.col("carrier") == carrier)
        into = of_carrier.filter(pl.col("to_node") == node)["name"]
        out = of_carrier.filter(pl.col("from_node") == node)["name"]
        assert len(into) >= 1, node
        assert len(out) >= 2, node
        balance = sum(year.flows[name] for name in into) - sum(year.flows[name] for name in out)
        scale = max(float(sum(year.flows[name] for name in into).max()), 1.0)
        assert np.abs(balance).max() < 1e-9 * scale, node


def test_every_point_has_a_flow_or_a_level_and_none_is_impossible(year: Park, all_points: list[meters.Point]) -> None:
    assert len(all_points) >= 150
    limits = {row["point_id"]: float(row["physical_max"]) for row in park.table("points").iter_rows(named=True)}
    for point in all_points:
        if point.kind in ("register", "interval"):
            flow = year.flows[point.point_id]
            unit = 1000.0 if point.unit in ("MWh", "Mvarh") else 1.0
            assert flow.min() >= 0, point.point_id
            assert flow.max() * 4 <= limits[point.point_id] * unit, point.point_id
        else:
            level = year.levels[point.point_id]
            assert np.isfinite(level).all(), point.point_id
            assert np.abs(level).max() <= limits[point.point_id], point.point_id
    known = {point.point_id for point in all_points} | set(park.table("flows")["flow_id"])
    assert set(year.flows) | set(year.levels) <= known


def test_the_same_seed_gives_the_same_park_and_another_seed_another() -> None:
    first, again, other = (park.simulate(date(2025, 3, 1), 3, seed) for seed in (7, 7, 8))
    assert len(first.flows) >= 200
    for name, series in first.flows.items():
        assert np.array_equal(series, again.flows[name]), name
    assert not np.array_equal(first.flows["stl_e_main_a_ep"], other.flows["stl_e_main_a_ep"])


def test_registers_grow_roll_over_and_stay_in_their_class(year: Park, all_points: list[meters.Point]) -> None:
    classes = dict(park.table("meters").select("meter_id", "accuracy_class").rows())
    meter_of = dict(park.table("points").select("point_id", "meter_id").rows())
    rolled = 0
    for point in (point for point in all_points if point.kind == "register"):
        values = meters.shown(year, point, seed=1)
        assert values.min() >= 0, point.point_id
        if point.size is not None:
            assert values.max() < point.size, point.point_id
            rolled += int((np.diff(values) < 0).any())
        moved = meters.advance(values, point)
        assert moved.min() >= 0, point.point_id
        assert point.size is None or moved.max() < point.size / 2, point.point_id
        true = float(year.flows[point.point_id].sum())
        limit = float(classes[meter_of[point.point_id]].rstrip("S")) / 100
        step = float(point.step) * point.scale
        assert abs(float(meters.metered(values, point).sum()) - true) <= limit * true + step, point.point_id
    assert rolled >= 5


def test_cement_is_a_believable_five_thousand_tonne_line(year: Park) -> None:
    clinker = made(year, "clinker")
    assert 1.5e6 < clinker < 1.75e6
    coal, grid = total(year, "cem_coal_feed_m"), total(year, "cem_e_main_ep")
    works = coal / clinker * RAW_COAL_KGCE + grid / clinker * POWER_KGCE
    assert 95 < works < 110
    carbon = 0.535 + coal / clinker * 23.076 * 0.02618 * 0.98 * 44 / 12 + grid / clinker * 0.5978 / 1000
    assert 0.80 < carbon < 0.90
    assert 26 < total(year, "cem_e_whr_ep") / clinker < 35
    line = total(year, "cem_e_raw_mill_ep", "cem_e_kiln_ep", "cem_e_coal_mill_ep", "cem_e_quarry_ep")
    assert 44 < line / clinker < 61


def test_steel_is_a_believable_arc_furnace_mill(year: Park) -> None:
    steel = made(year, "crude_steel")
    assert 0.9e6 < steel < 1.2e6
    assert 350 < total(year, "stl_e_eaf_1_ep", "stl_e_eaf_2_ep") / steel < 420
    assert 450 < total(year, "stl_e_main_a_ep", "stl_e_main_b_ep", "stl_e_centre_ep") / steel < 650
    assert 25 < total(year, "stl_gas_main_v") / steel < 50
    assert 1.0 < 1000 * total(year, "stl_electrode_m") / steel < 2.0
    assert 1.05 < total(year, "stl_scrap_m") / steel < 1.2
    assert made(year, "steel_bar") < steel


def test_chemistry_and_machines_are_believable(year: Park) -> None:
    methanol = made(year, "methanol")
    assert 270_000 < methanol < 330_000
    assert 1.3 < total(year, "chm_coal_feed_m") / total(year, "chm_methanol_coal_m") < 1.7
    assert 700 < total(year, "chm_gas_main_v") / total(year, "chm_methanol_gas_m") < 950
    power = total(year, "mac_e_main_ep", "mac_e_centre_ep", "mac_e_pv_ep") - total(year, "mac_e_main_ee")
    assert 25e6 < power < 35e6
    assert 900 < total(year, "mac_e_pv_ep") / 6000 < 1250
    cycle = total(year, "mac_e_battery_ee") / total(year, "mac_e_battery_ep")
    assert 0.85 < cycle < 0.93


def test_the_energy_centres_heat_balance_is_sane(year: Park) -> None:
    fuel = total(year, "enc_gas_gt_1_v", "enc_gas_gt_2_v") * 10.81
    power = total(year, "enc_e_gt_1_ep", "enc_e_gt_2_ep")
    heat = total(year, "enc_steam_hrsg_1_h", "enc_steam_hrsg_2_h") * 1000 / 3.6
    assert 0.75 < (power + heat) / fuel < 0.85
    assert 0.30 < power / fuel < 0.38
    delivered = total(year, "stl_steam_h", "chm_steam_centre_h", "mac_steam_h")
    assert 0.03 < 1 - delivered / total(year, "enc_steam_header_h") < 0.06
    assert 10 < total(year, "enc_ammonia_m") < 200


def test_the_park_keeps_its_calendar(year: Park) -> None:
    clock = year.clock
    new_year = np.repeat(
        (clock.dates >= np.datetime64("2025-01-28")) & (clock.dates <= np.datetime64("2025-02-04")), 96
    )
    assert year.flows["mac_e_line_a_ep"][new_year].mean() < 0.5 * year.flows["mac_e_line_a_ep"].mean()
    night = (clock.hour < 4) | (clock.hour > 21)
    assert year.flows["mac_e_pv_ep"][night].max() == 0
    stopped = clock.stopped("cement_kiln")
    assert stopped.any()
    assert year.flows["cem_clinker_m"][stopped].max() == 0


def test_the_committed_output_is_the_simulators() -> None:
    simulated = park.simulate(date(2024, 1, 1), 732, seed=1)
    keys = ["organization_id", "product_id", "month"]
    written = pl.read_csv(park.SITE / "production.csv").select(*keys, "quantity")
    fresh = business.production(simulated).select(*keys, pl.col("quantity").cast(pl.Float64).alias("fresh"))
    both = written.join(fresh, on=keys, how="full", coalesce=True)
    assert both.height == written.height == 25 * 10
    off = both.filter((pl.col("quantity") - pl.col("fresh")).abs() > 0.02 + 1e-6 * pl.col("quantity"))
    assert off.is_empty(), "run `python -m examples.reference_park.simulate --write-site`"
