"""The collector killed with SIGKILL at random moments under load: every acknowledged reading exactly once in raw."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lake.store import Lake
from tests.integration import live_site, peers
from tests.integration.live_site import KEYS, Publisher

pytestmark = pytest.mark.integration


@contextmanager
def _collector(site: Path, lake: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "pipelines.cli.main", "collect", str(site), "--lake", str(lake), *options]
    with subprocess.Popen(
        command, cwd=live_site.ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _collected(site: Path, lake: Path, *options: str) -> dict[str, Any]:
    """Let a collector end by itself and return what it told."""
    with _collector(site, lake, "--json", *options) as process:
        told = process.communicate(timeout=240)[0]
        assert process.returncode == 0
    found: dict[str, Any] = json.loads(told)
    return found


def _kill_again_and_again(site: Path, lake: Path, times: int) -> None:
    """Kill each collector at a random moment of its work, which has begun when it commits."""
    chance = random.Random(20260101)
    log = lake / "raw/gateway__batch/_delta_log"
    for _ in range(times):
        before = len(list(log.glob("*.json")))
        with _collector(site, lake) as process:
            deadline = time.monotonic() + 180
            while len(list(log.glob("*.json"))) == before:
                assert time.monotonic() < deadline, "nothing was landed"
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 1.5))
            assert process.poll() is None, "the collector ended by itself"
            process.send_signal(signal.SIGKILL)
            assert process.wait(20) == -signal.SIGKILL


def _raw(lake: Lake, source: str) -> Counter[tuple[str, int, Decimal]]:
    table = lake.delta("raw", f"{source}__reading").to_pyarrow_table(columns=["point_id", "reading_at", "value"])
    return Counter((row["point_id"], int(row["reading_at"].timestamp()), row["value"]) for row in table.to_pylist())


def _published(numbers: set[int]) -> set[tuple[str, int, Decimal]]:
    found = set()
    for number in numbers:
        device, at, values = Publisher.message(number)
        found |= {(f"{device}_{key}", at, Decimal(str(values[key]))) for key in KEYS}
    return found


def _recorded_polls(lake: Lake) -> set[tuple[int, int]]:
    """Return meter and clock of every poll in a payload whose batch is complete."""
    found = set()
    for batch_id in lake.batches("meters").column("batch_id").to_pylist():
        for line in lake.payload(batch_id).read_text("utf-8").splitlines():
            poll = json.loads(line)
            if all("hex" in answer for answer in poll["answers"]):
                found.add((poll["device"], poll["clock"]))
    return found


@pytest.mark.parametrize("times", [5, pytest.param(20, marks=pytest.mark.soak)])
def test_every_acknowledged_reading_is_in_raw_exactly_once(tmp_path: Path, times: int) -> None:
    mqtt_port, modbus_port = peers.free_port(), peers.free_port()
    site = live_site.write(tmp_path / "site", mqtt_port, modbus_port)
    folder = tmp_path / "lake"
    with live_site.broker(tmp_path / "broker", mqtt_port):
        _collected(site, folder, "--for", "1")  # opens the session, which from now on gathers what is published
        publisher = Publisher(mqtt_port, per_second=400)
        with live_site.meters(modbus_port):
            _kill_again_and_again(site, folder, times)
            publisher.stop()
        told = _collected(site, folder, "--until-idle", "3")
    lake = Lake(str(folder))

    sent = _published(publisher.acknowledged)
    landed = _raw(lake, "gateway")
    assert len(sent) > 1_000 * times, "the load was too small to prove anything"
    assert sent - landed.keys() == set()
    assert [row for row, times in landed.items() if times > 1] == []
    assert told["gateway"]["rows_landed"] < len(sent) / 2, "most landed in the last, quiet run"
    assert len(landed) == len(sent)

    polled = _raw(lake, "meters")
    assert [row for row, times in polled.items() if times > 1] == []
    assert len(polled) > 10 * times
    for point, at, value in polled:
        meter = int(point[1])
        assert value == (at - live_site.BASE) * (7 if point.endswith("_ep") else 1000) + meter
    in_raw = {(int(point[1]), at) for point, at, _ in polled}
    assert _recorded_polls(lake) <= in_raw
    assert all(len(lake.files("raw", name)) <= 24 for name in lake.tables("raw"))
