"""What the simulator writes: exports, recorded day and truth agree with each other to the last digit."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from examples.reference_park.plant import database, day, dropped, mqtt, rest
from examples.reference_park.simulate import simulate
from examples.reference_park.simulator import stack
from examples.reference_park.simulator.meters import STACK
from examples.reference_park.simulator.park import table
from methods.stack import rows as stack_rows
from methods.stack.hour import QUANTITIES, Stack


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("park")
    counts = simulate(folder, 1, date(2025, 11, 30), date(2025, 12, 2))
    assert counts["points"] >= 150
    assert counts["history_rows"] == pl.concat(_exports(folder)).height
    return folder


def _played() -> pl.DataFrame:
    """The points of points.csv that show quarter hours; the stack station tells hours in files of its own."""
    return table("points").filter(pl.col("source") != STACK)


def _exports(folder: Path) -> list[pl.DataFrame]:
    frames = [pl.read_parquet(path) for path in sorted(folder.glob("historian/*/*.parquet"))]
    for path in sorted(folder.glob("historian/*/*.csv")):
        local = pl.read_csv(path).with_columns(
            pl.col("reading_at").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")
        )
        utc = pl.col("reading_at").dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
        frames.append(local.with_columns(utc, pl.col("value").cast(pl.Decimal(18, 4))))
    return frames


def _registers(folder: Path) -> pl.DataFrame:
    wide = pl.read_parquet(folder / "truth/registers.parquet")
    return wide.unpivot(index="reading_at", variable_name="point_id", value_name="truth")


def test_the_exports_hold_the_history_and_nothing_of_the_recorded_day(data: Path) -> None:
    frames = _exports(data)
    assert len(frames) == 5 * 2  # two months of five organisations
    rows = pl.concat(frames)
    assert rows["reading_at"].min().isoformat() == "2025-11-29T16:00:00+00:00"
    assert rows["reading_at"].max().isoformat() == "2025-12-01T16:00:00+00:00"
    per_point = rows.group_by("point_id").len()
    assert per_point.height == _played().height
    kinds = _played().select("point_id", "kind")
    expected = pl.when(pl.col("kind") == "interval").then(192).otherwise(193)
    assert per_point.join(kinds, on="point_id").filter(pl.col("len") != expected).is_empty()


def test_exports_and_recorded_day_are_the_registers_of_the_truth(data: Path) -> None:
    received = pl.concat([*_exports(data), pl.read_parquet(data / "recorded_day.parquet")]).unique()
    both = received.join(_registers(data), on=["point_id", "reading_at"], how="left")
    assert both.height >= 60_000
    assert both.filter((pl.col("value").cast(pl.Float64) - pl.col("truth")).abs().fill_null(1) > 1e-4).is_empty()


def test_month_totals_are_the_allocations_of_the_registers(data: Path) -> None:
    totals = pl.read_parquet(data / "truth/monthly.parquet")
    assert set(totals["month"].unique()) == {date(2025, 11, 1), date(2025, 12, 1)}
    registers = pl.read_parquet(data / "truth/registers.parquet")["cem_e_coal_mill_ep"].to_list()
    december = (registers[288] - registers[96]) * 0.01 * 30 * 100  # counts x multiplier x CT x PT
    row = totals.filter((pl.col("energy_unit_id") == "cement_coal_mill") & (pl.col("carrier") == "electricity"))
    assert row.filter(pl.col("month") == date(2025, 12, 1))["quantity_metered"].item() == pytest.approx(december)


def test_flows_are_true_amounts_by_quarter_hour(data: Path) -> None:
    flows = pl.read_parquet(data / "truth/flows.parquet")
    assert flows.height == 3 * 96
    grid = flows["cem_e_main_ep"].sum()
    months = pl.read_parquet(data / "truth/points_monthly.parquet").filter(pl.col("point_id") == "cem_e_main_ep")
    assert months["quantity_true"].sum() == pytest.approx(grid, rel=1e-5)


def test_every_point_is_in_the_recorded_day_at_its_source(data: Path) -> None:
    recorded = day.load(data)
    for source in sorted(set(_played()["source"])):
        expected = set(_played().filter(pl.col("source") == source)["point_id"])
        assert len(expected) >= 40
        for quarter in (1, 48, 96):
            assert {reading.point_id for reading in recorded.at(source, quarter)} == expected


def test_a_second_play_drops_the_same_files_and_rows(data: Path, tmp_path: Path) -> None:
    recorded = day.load(data)
    logger, base = dropped.Logger(recorded, tmp_path / "drop"), database.Database(recorded, tmp_path / "ems.sqlite")
    for quarter in range(1, day.LAST + 1):
        logger.record(quarter)
        base.record(quarter)
    files = sorted((tmp_path / "drop").iterdir())
    assert [path.name[-8:-4] for path in files] == ["0400", "0800", "1200", "1600", "2000", "2400"]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in files]
    logger = dropped.Logger(recorded, tmp_path / "drop")
    for quarter in range(1, day.LAST + 1):
        logger.record(quarter)
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in files] == before


def test_gateways_say_every_device_once_per_quarter_hour(data: Path) -> None:
    recorded = day.load(data)
    sent = mqtt.messages(recorded.at(mqtt.SOURCE, 10))
    assert len(sent) == 3
    devices = [device for _, payload in sent for device in json.loads(payload)["devs"]]
    values = [(device["dev"], key) for device in devices for key in device["values"]]
    assert len(values) == len(set(values)) == len(recorded.at(mqtt.SOURCE, 10))


def test_pages_of_the_service_are_complete_and_end(data: Path) -> None:
    service = rest.Service(day.load(data))
    for quarter in range(1, 9):
        service.record(quarter)
    first = service.page(None, 1, 100)
    pages = [service.page(None, number, 100) for number in range(1, 5)]
    assert sum(len(page["items"]) for page in pages) == first["total"] == 50 * 8
    assert [bool(page["next"]) for page in pages] == [True, True, True, False]


def test_the_stack_station_tells_what_left_the_kiln_with_its_marks_and_gaps(data: Path) -> None:
    told = pl.concat([pl.read_parquet(path) for path in sorted(data.glob("stack/*.parquet"))])
    of_site = table("stacks").row(0, named=True)
    points = {name: of_site[f"{name}_point_id"] for name in QUANTITIES}
    assert sorted(set(told["point_id"])) == sorted(points.values())
    units = dict(table("points").select("point_id", "unit").rows())
    readings = [
        row | {"value": Decimal(str(row["value"])), "unit": units[row["point_id"]]}
        for row in told.iter_rows(named=True)
    ]
    described = Stack("s", Decimal(of_site["area_m2"]), Decimal(of_site["ambient_pressure_kpa"]), True, points)
    hours = stack_rows.hours(described, readings)
    assert len(hours) == 72
    assert "flagged" in {hour.state for hour in hours}
    coal = (pl.col("cem_coal_burner_m") + pl.col("cem_coal_calciner_m")) * stack.CO2_PER_COAL
    mass = (coal + pl.col("cem_clinker_m") * stack.CO2_PER_CLINKER).sum()
    flows = pl.read_parquet(data / "truth/flows.parquet")
    left = dict(flows.group_by_dynamic("period_start_at", every="1h").agg(mass.alias("mass")).rows())
    valid = [hour for hour in hours if hour.state == "valid"]
    measured = sum(float(hour.mass_tco2 or 0) for hour in valid)
    assert 1.0 < measured / sum(left[hour.starts_at] for hour in valid) < 1.03  # the station reads its speed 1.2 % high
