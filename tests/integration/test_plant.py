"""The plant's servers, asked by bare clients that know nothing of this house."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import httpx
import polars as pl
import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from pymodbus.client import ModbusTcpClient

from examples.reference_park.simulate import simulate

ROOT = Path(__file__).resolve().parents[2]
WORDS = {"int16": 1, "uint32": 2, "int32": 2, "float32": 2, "int64": 4}
CLOCK = 0x0F00
pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plant")
    simulate(folder, 1, date(2025, 12, 30), date(2026, 1, 1))
    return folder


@contextmanager
def running(data: Path, *options: str) -> Iterator[dict[str, str]]:
    """A plant of our own, stopped by SIGTERM, which must end it with exit status 0."""
    ready = data / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "examples.reference_park.plant", "--data", str(data), "--ready-file", str(ready)]
    process = subprocess.Popen([*command, *options], cwd=ROOT)
    try:
        deadline = time.monotonic() + 180
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield json.loads(ready.read_text("utf-8"))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=90) == 0


class Poller:
    """Reads every register of every device between two looks at the device's clock."""

    def __init__(self, port: str) -> None:
        self.client = ModbusTcpClient("127.0.0.1", port=int(port))
        assert self.client.connect()
        self.states: dict[int, dict[int, dict[str, int]]] = {}
        self.exceptions: list[int] = []
        self.registers: dict[int, list[tuple[str, int, str]]] = {}
        with (ROOT / "examples/reference_park/points.csv").open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                if row["source"] == "cement_modbus":
                    device, _, address, kind = row["address"].split(":")
                    self.registers.setdefault(int(device), []).append((row["point_id"], int(address, 0), kind))

    def words(self, device: int, address: int, count: int) -> list[int] | None:
        answer = self.client.read_holding_registers(address, count=count, device_id=device)
        if answer.isError():
            self.exceptions.append(answer.exception_code)
            return None
        return list(answer.registers)

    def poll(self, device: int) -> None:
        before = self.words(device, CLOCK, 2)
        values = {name: self.words(device, at, WORDS[kind]) for name, at, kind in self.registers[device]}
        after = self.words(device, CLOCK, 2)
        if before is not None and before == after and None not in values.values():
            numbers = {
                name: sum(w << (16 * i) for i, w in enumerate(reversed(words))) for name, words in values.items()
            }
            self.states.setdefault(device, {})[(before[0] << 16) + before[1]] = numbers


def all_pages(env: dict[str, str]) -> list[dict[str, object]]:
    base = f"http://127.0.0.1:{env['NENGTAN_PLANT_REST_PORT']}"
    headers = {"Authorization": f"Bearer {env['NENGTAN_PLANT_REST_TOKEN']}"}
    items, address = [], "/api/v1/readings?since=1970-01-01T00:00:00Z"
    while address:
        page = httpx.get(base + address, headers=headers).raise_for_status().json()
        items += page["items"]
        address = page["next"]
    return items


def rows_of_database(env: dict[str, str]) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(Path(env["NENGTAN_PLANT"]) / "live/ems.sqlite")) as connection:
        return connection.execute("select id, tag, ts, value from ems_history order by id").fetchall()


def expected_counts(data: Path) -> dict[str, int]:
    points = pl.read_csv(ROOT / "examples/reference_park/points.csv").select("point_id", "source")
    day = pl.read_parquet(data / "recorded_day.parquet").filter(
        pl.col("reading_at").dt.convert_time_zone("Asia/Shanghai") > pl.datetime(2026, 1, 1, time_zone="Asia/Shanghai")
    )
    return dict(day.join(points, on="point_id").group_by("source").len().rows())


def test_the_day_is_played_to_whoever_listens(data: Path) -> None:
    messages: list[paho.MQTTMessage] = []
    subscriber = paho.Client(CallbackAPIVersion.VERSION2, client_id="a-bare-client", clean_session=False)
    subscriber.on_connect = lambda client, *_: client.subscribe("park/steel/+/telemetry", 1)
    subscriber.on_message = lambda _c, _u, message: messages.append(message)
    with running(data) as env:
        subscriber.connect("127.0.0.1", int(env["NENGTAN_PLANT_MQTT_PORT"]))
        subscriber.loop_start()
        poller = Poller(env["NENGTAN_PLANT_MODBUS_PORT"])
        deadline = time.monotonic() + 300
        while min((len(seen) for seen in poller.states.values()), default=0) < 97 and time.monotonic() < deadline:
            for device in poller.registers:
                poller.poll(device)
        while len(messages) < 291 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        rest, database = all_pages(env), rows_of_database(env)
        dropped = sorted((data / "live/machinery").glob("*.csv"))
        poller.client.close()
        subscriber.disconnect()
        subscriber.loop_stop()
    assert len(poller.states) >= 30
    assert {len(seen) for seen in poller.states.values()} == {97}
    assert poller.exceptions == [6]  # one meter was busy once, and answered the next time
    assert len(messages) == 96 * 3 + 3
    counts = expected_counts(data)
    assert len(rest) == counts["energy_centre_rest"] + 1
    assert len(database) == counts["park_sql"] + 2
    assert len(dropped) == 6
    lines = sum(len(path.read_text("utf-8").splitlines()) - 1 for path in dropped)
    assert lines == counts["machinery_files"] + 5
    _modbus_shows_the_truth(data, poller)


def _modbus_shows_the_truth(data: Path, poller: Poller) -> None:
    shown = pl.read_parquet(data / "truth/registers.parquet").filter(
        pl.col("reading_at") >= pl.col("reading_at").max() - pl.duration(days=1)
    )
    seconds = shown["reading_at"].dt.epoch("s").to_list()
    kinds = {name: kind for registers in poller.registers.values() for name, _, kind in registers}
    compared = 0
    for states in poller.states.values():
        for name in next(iter(states.values())):
            if kinds[name].startswith("uint") or kinds[name] == "int64":
                assert [states[at][name] for at in seconds] == shown[name].round().cast(pl.Int64).to_list(), name
                compared += 1
    assert compared >= 30


def test_a_played_day_stands_still(data: Path) -> None:
    with running(data, "--played") as env:
        poller = Poller(env["NENGTAN_PLANT_MODBUS_PORT"])
        for _ in range(3):
            for device in poller.registers:
                poller.poll(device)
        assert {len(seen) for seen in poller.states.values()} == {1}
        assert poller.exceptions == []
        end = pl.read_parquet(data / "truth/registers.parquet")["reading_at"].max().timestamp()
        assert {at for seen in poller.states.values() for at in seen} == {int(end)}
        assert len(all_pages(env)) == len({json.dumps(item) for item in all_pages(env)})
        assert len(rows_of_database(env)) == expected_counts(data)["park_sql"] + 2
        poller.client.close()


def test_the_service_refuses_without_its_token(data: Path) -> None:
    with running(data, "--played") as env:
        address = f"http://127.0.0.1:{env['NENGTAN_PLANT_REST_PORT']}/api/v1/readings"
        assert httpx.get(address).status_code == 401
        assert httpx.get(address, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_missing_recording_is_said_in_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "examples.reference_park.plant", "--data", str(tmp_path), "--ready-file", "r"]
    result = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "no recorded day" in result.stderr
    assert "Traceback" not in result.stderr
