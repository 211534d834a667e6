"""The step that reconciles: months anew or kept, the verdict on each meter, and the finding that names it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from assets import network
from examples.reference_park.simulator.park import table
from lake.engine import Engine
from lake.units import conversions_table
from quality.detectors import network as detector
from tests.unit.methods import park_days

SUSPECT = "stl_e_centre_ep"
MARCH = date(2025, 3, 1)


@dataclass
class Build:
    """What the step needs of a build: its database, and a place for what it makes."""

    database: Path
    engine: Engine = field(default_factory=lambda: Engine("1GB", 1))
    inputs: Mapping[str, object] = field(default_factory=lambda: {"ref": {"flows": "1", "meters": "1", "points": "1"}})
    made: dict[str, pa.Table] = field(default_factory=dict)

    def add_mart(
        self, schema: str, name: str, rows: pa.Table, comments: Mapping[str, str], *, bi: bool, tags: object
    ) -> None:
        assert comments[""]
        assert set(comments) == {"", *rows.schema.names}
        self.made[f"{schema}.{name}"] = rows


def filled(path: Path, wrong: dict[str, float]) -> Path:
    """Make a database with the relations that the step reads: the park's site and a month of its days."""
    days = park_days.days(wrong)
    with duckdb.connect(str(path)) as con:
        for schema in ("ref", "quality", "energy", "meta", "reference"):
            con.execute(f"create schema {schema}")
        for name in ("points", "meters", "energy_units", "organizations", "flow_nodes"):
            con.register("site", table(name).with_columns(pl.col("^calibr.*_on$").str.to_date()).to_arrow())
            con.execute(f"create table ref.{name} as select * from site")
        con.register("site", conversions_table())
        con.execute("create table ref.unit_conversions as select * from site")
        con.register("site", park_days.flows())
        con.execute("create table ref.flows as select * from site")
        con.register("days", days)
        con.execute(
            "create table quality.completeness_daily as select point_id, local_date, quantity_unit, "
            "quantity::decimal(18, 6) as quantity, 96 as expected, 96 as received, 0 as missing_count, "
            "0 as estimated_count, "
            "date_trunc('month', local_date)::date as month from days"
        )
        con.execute(
            "create table reference.carriers as select 'electricity' as carrier, '电力' as carrier_name_zh, "
            "'Electricity' as carrier_name_en"
        )
        con.execute("create table meta.calendar_hour as select distinct month from quality.completeness_daily")
        con.execute(
            "create table energy.readings_latest as "
            "select point_id, timestamptz '2025-03-31 16:00:00+00' as reading_at from ref.points"
        )
        con.execute(
            "create table energy.consumption_daily as select 'cement_unmetered' as energy_unit_id, 'cement' as "
            "organization_id, 'electricity' as carrier, 'fuel' as use_type, 'kWh' as quantity_unit, "
            "date '2025-03-02' as local_date, date '2025-03-01' as month, -12.5::decimal(18, 6) as quantity"
        )
        con.execute("alter table ref.energy_units alter is_residual type boolean")
        con.execute(
            "update ref.meters set calibrated_on = date '2023-03-10', calibration_due_on = date '2025-03-10' "
            "where meter_id in ('cem_e_air', 'cem_e_water')"
        )
        con.execute("update ref.meters set calibration_due_on = date '2025-03-31' where meter_id = 'cem_e_kiln'")
        con.execute("update ref.meters set calibration_due_on = date '2025-03-30' where meter_id = 'cem_e_mill_1'")
        con.execute(
            "create table ref.meter_events as select * from (values "
            "('cem_e_air', 'calibration', timestamptz '2025-03-19 17:00:00+00'), "
            "('cem_e_water', 'clock_set', timestamptz '2025-03-19 17:00:00+00'), "
            "('cem_e_water', 'calibration', timestamptz '2025-04-02 00:00:00+00')) "
            "as happened (meter_id, event, event_at)"
        )
    return path


def work(build: Build, monkeypatch: pytest.MonkeyPatch, last: object = None) -> SimpleNamespace:
    monkeypatch.setattr(network.publication, "last_manifest", lambda _: last)
    settings = SimpleNamespace(timezone="Asia/Shanghai", interval_minutes=15)
    return SimpleNamespace(build=build, lake=None, site=SimpleNamespace(settings=settings))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Build:
    build = Build(filled(tmp_path_factory.mktemp("network") / "build.duckdb", {SUSPECT: -0.03}))
    with pytest.MonkeyPatch.context() as patch:
        network._made(work(build, patch))
    return build


def test_a_biased_meter_is_named_in_trust_and_findings(first):
    rows = {row["meter_id"]: row for row in first.made[network.TRUST].to_pylist()}
    assert [name for name, row in rows.items() if row["verdict"] == "suspect"] == ["stl_e_centre"]
    named = rows["stl_e_centre"]
    assert named["error_ratio"] == pytest.approx(-0.03, abs=0.005)
    assert (named["point_id"], named["accuracy_class"], named["verdict_name_zh"]) == (SUSPECT, "0.2S", "疑似失准")
    assert rows["stl_e_eaf_1"]["verdict"] == "trusted"
    assert rows["cem_clinker"]["verdict"] == "silent"
    with duckdb.connect(str(first.database)) as con:
        for name, made in first.made.items():
            con.register("made", made)
            con.execute(f"create or replace table {name} as select * from made")
        found = {finding.kind: finding for finding in detector.detect(con)}
    assert found["meter_biased"].subject == SUSPECT
    assert "stl_e_centre reading about 3.0 % too little (class 0.2S" in found["meter_biased"].message_en
    assert found["meter_biased"].evidence["statistic"] > 20
    assert found["residual_negative"].subject == "cement_unmetered electricity fuel"
    assert set(found) <= set(detector.KINDS)


def test_a_calibration_holds_from_its_month_on(first):
    """One due on 10 March was done on the 20th in Shanghai, for two years again; that of the other only in April."""
    rows = {row["meter_id"]: row for row in first.made[network.TRUST].to_pylist()}
    done, late = rows["cem_e_air"], rows["cem_e_water"]
    assert (done["calibrated_on"], done["calibration_state"]) == (date(2025, 3, 20), "valid")
    assert done["calibration_due_on"] == date(2027, 3, 20)
    assert (late["calibrated_on"], late["calibration_state"]) == (date(2023, 3, 10), "expired")
    assert late["verdict"] == "expired"
    assert rows["cem_e_kiln"]["calibration_state"] == "valid", "on its last day it still is"
    assert (rows["cem_e_mill_1"]["calibration_state"], rows["cem_e_mill_1"]["verdict"]) == ("expired", "expired")


def test_reconciled_amounts_are_the_measured_ones_and_the_adjustment(first):
    made = first.made[network.RECONCILED]
    with duckdb.connect(str(first.database), read_only=True) as con:
        con.register("made", made)
        differing = con.sql(
            "select count(*) from made join quality.completeness_daily as raw using (point_id, local_date) "
            "where made.quantity - made.adjustment <> raw.quantity"
        ).fetchall()
    assert differing == [(0,)]
    assert made.num_rows > 100 * park_days.DAYS
    first_day = min(made["period_start_at"].to_pylist())
    assert first_day.isoformat() == "2025-02-28T16:00:00+00:00"


def test_balances_name_their_nodes_and_carriers(first):
    made = first.made[network.BALANCES].to_pylist()
    named = {(row["balance"], row["balance_name_zh"], row["balance_name_en"]) for row in made}
    assert ("cement_bus", "水泥厂母线", "Cement works busbar") in named
    assert ("cement_coal_mill", "煤粉制备", "Coal milling") in named, "a unit that balances has its own name"
    carriers = {(row["carrier"], row["carrier_name_en"]) for row in made}
    assert ("electricity", "Electricity") in carriers
    assert ("heat", "heat") in carriers, "a carrier that the library does not know keeps its code"


def test_months_that_are_not_rebuilt_stay_as_they_are_published(first, tmp_path, monkeypatch):
    """Nothing of March is rebuilt: the published rows are the new ones, though the month's days would say otherwise."""
    again = Build(filled(tmp_path / "build.duckdb", {}))
    with duckdb.connect(str(again.database)) as con:
        con.execute("delete from meta.calendar_hour; create schema published")
        for name, made in first.made.items():
            con.register("made", made)
            con.execute(f"create table published.{name.replace('.', '__')} as select * from made")
    marts = dict.fromkeys(first.made, "published")
    last = SimpleNamespace(marts=marts, ref=dict(again.inputs["ref"]))
    network._made(work(again, monkeypatch, last))
    for name, made in first.made.items():
        assert again.made[name].equals(made), name
    changed = Build(again.database, inputs={"ref": {"flows": "2", "meters": "1", "points": "1"}})
    network._made(work(changed, monkeypatch, last))
    assert not any(row["is_suspect"] for row in changed.made[network.TRUST].to_pylist())
