"""The IEC 60870-5-104 client beside a station of another house, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lake.store import Lake
from tests.integration import peers
from tests.integration.test_collector import running
from tests.integration.until import eventually, rows
from tests.unit.ingestion.made import points_table, site

pytestmark = pytest.mark.integration
peers.library("c104")
PROGRAM = Path(__file__).with_name("peer_programs") / "iec104_station.py"
POINTS = {"short": "7:11", "scaled": "7:12", "timed": "7:13", "counter": "7:21"}


@contextmanager
def _station(port: int, value: float, counted: int) -> Iterator[None]:
    command = [sys.executable, str(PROGRAM), str(port), str(value), str(counted)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield
    finally:
        process.kill()
        process.wait(90)
        if process.stdout is not None:
            process.stdout.close()


def _found(lake: Lake) -> set[tuple[str, str, str]]:
    return {(row["point_id"], f"{row['value'].normalize():f}", row["status"]) for row in rows(lake, "raw")}


def test_values_counters_quality_and_a_station_that_restarts(tmp_path: Path) -> None:
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    source = {"kind": "iec104", "url": f"tcp://127.0.0.1:{port}", "timezone": "UTC", "batch_seconds": 0.1}
    addresses: dict[str, str | None] = dict(POINTS)
    with running(lake, site(tmp_path, {"meter": source}, points_table(addresses))) as live:
        with _station(port, 230.5, 123456):
            eventually(lambda: {("short", "230.5", "good"), ("counter", "123456", "good")} <= _found(lake))
            eventually(lambda: {("scaled", "-1234", "bad_invalid"), ("timed", "0.1", "good")} <= _found(lake))
        with _station(port, 231.5, 123457):
            eventually(lambda: {("short", "231.5", "good"), ("counter", "123457", "good")} <= _found(lake))
        collected = live.end()["meter"]
    times = {f"{row['reading_at']:%Y-%m-%d %H:%M}" for row in rows(lake, "raw") if row["point_id"] == "timed"}
    assert times == {"2026-01-02 08:15"}
    assert collected.rows_refused == 0
