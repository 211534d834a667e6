"""The park's networks close within the classes of their meters, and a meter that is wrong is named."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from methods.reconciliation import run
from methods.reconciliation.rows import Reconciled
from tests.unit.methods import park_days


def reconciled(wrong: dict[str, float] | None = None, days: pa.Table | None = None) -> Reconciled:
    return run.reconcile(park_days.flows(), park_days.instruments(), park_days.days(wrong) if days is None else days)


def suspects(found: Reconciled) -> list[dict]:
    return sorted((row for row in found.errors if row["is_suspect"]), key=lambda row: -row["error_statistic"])


def test_sound_meters_are_not_doubted():
    found = reconciled()
    assert suspects(found) == []
    assert {row["carrier"] for row in found.imbalances} >= {"electricity", "natural_gas", "heat", "bituminous_coal"}
    assert len({row["balance"] for row in found.imbalances}) >= 12
    closed = [row["global_statistic"] <= row["global_critical"] for row in found.imbalances if row["global_critical"]]
    assert np.mean(closed) > 0.95


def test_sound_meters_are_not_doubted_where_hardly_anything_flows():
    """A gas meter that moves a few cubic metres shows whole ones; a works that sells its power has a small load."""
    first, count = date(2024, 2, 1), 29  # the spring festival: the steel works stands still, the grid takes power
    found = reconciled(days=park_days.days(first=first, count=count))
    assert suspects(found) == []
    assert all(row["global_statistic"] <= row["global_critical"] for row in found.imbalances if row["global_critical"])
    wrong = park_days.days({"enc_e_gateway_ee": -0.05, "stl_gas_main_v": 0.06}, first, count)
    named = {row["key"]: row["error_ratio"] for row in suspects(reconciled(days=wrong))}
    assert named == pytest.approx({"enc_e_gateway_ee": -0.05, "stl_gas_main_v": 0.06}, abs=0.02)


def test_every_balance_holds_after_adjustment():
    found = reconciled()
    after = {(row["point_id"], row["local_date"]): row["quantity"] + row["adjustment"] for row in found.points}
    day = found.points[0]["local_date"]
    entering = ("enc_steam_header_h",)
    leaving = ("enc_steam_hrsg_1_h", "enc_steam_hrsg_2_h", "enc_steam_biomass_h", "enc_steam_reserve_h")
    made, sent = sum(after[point, day] for point in leaving), sum(after[point, day] for point in entering)
    before = {row["point_id"]: row["quantity"] for row in found.points if row["local_date"] == day}
    assert made > sent > 0
    # what is left is the header's loss, 1 % of the steam within its limits
    assert (made - sent) / made == pytest.approx(0.01, abs=0.002)
    assert before["enc_steam_header_h"] != after["enc_steam_header_h", day]


@pytest.mark.parametrize(
    ("point", "error"), [("cem_e_main_ep", 0.05), ("stl_e_centre_ep", -0.03), ("enc_e_gt_1_ep", 0.05)]
)
def test_a_wrong_meter_is_named_with_its_error(point, error):
    named = suspects(reconciled({point: error}))
    assert [row["key"] for row in named][:1] == [point]
    assert named[0]["error_ratio"] == pytest.approx(error, abs=0.01)
    assert named[0]["alike"] == []
    assert named[0]["imbalance_share_ratio"] > 0.5


def test_what_the_data_cannot_tell_apart_is_named_too():
    """A mill is a tenth of its bus: a small error of it looks like that of a neighbour with the same rhythm."""
    (named,) = suspects(reconciled({"cem_e_mill_1_ep": -0.04}))
    assert "cem_e_mill_1_ep" in {named["key"], *named["alike"]}
    assert len(named["alike"]) >= 2


def test_an_unknown_amount_leaves_its_balance_out_for_the_day():
    days = park_days.days()
    unknown = pc.and_(
        pc.equal(days["point_id"], "cem_e_quarry_ep"), pc.equal(days["local_date"], pa.scalar(park_days.FIRST))
    )
    amounts = pc.if_else(unknown, pa.scalar(None, pa.float64()), days["quantity"])
    found = reconciled(days=days.set_column(2, "quantity", amounts))
    cement = {row["local_date"] for row in found.imbalances if "cement_bus" in row["balance"]}
    assert park_days.FIRST not in cement
    assert len(cement) == park_days.DAYS - 1
