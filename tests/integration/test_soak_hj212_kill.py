"""The collector killed with SIGKILL while stations send: what was answered with 9014 is in raw exactly once."""

import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestion import hj212
from lake.store import Lake
from lake.tablerows import read
from tests.integration import live_site, peers

pytestmark = [pytest.mark.integration, pytest.mark.soak]
KILLS, STATIONS, WINDOW = 10, 50, 5
BASE = datetime(2026, 1, 1, tzinfo=UTC)


class Station(threading.Thread):
    """Sends numbered minutes, a few ahead of their answers, and what was not answered again after a break."""

    def __init__(self, port: int, name: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.station, self.stop = port, name, stop
        self.answered: set[int] = set()

    def telegram(self, number: int) -> bytes:
        at = BASE + timedelta(hours=8, minutes=10 * number)
        body = f"DataTime={at:%Y%m%d%H%M%S};a21026-Avg={number}.5,a21026-Flag=N"
        return hj212.frame(f"QN={number:017d};ST=31;CN=2051;PW=1;MN={self.station};Flag=5;CP=&&{body}&&".encode())

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as line:
                    self._talk(line)
            except OSError:
                time.sleep(0.05)

    def _talk(self, line: socket.socket) -> None:
        framer, waiting = hj212.Framer(lambda station: frozenset()), set()
        line.settimeout(0.2)
        while not self.stop.is_set():
            number = 0
            while len(waiting) < WINDOW:
                while number in self.answered or number in waiting:
                    number += 1
                line.sendall(self.telegram(number))
                waiting.add(number)
            try:
                chunk = line.recv(65536)
            except TimeoutError:
                continue
            if not chunk:
                return
            for given in framer.feed(chunk):
                assert isinstance(given, hj212.Telegram)
                self.answered.add(int(given.fields["QN"]))
            waiting -= self.answered


def _site(folder: Path, port: int) -> Path:
    live_site.write(folder, 1, 2)
    (folder / "sources.yaml").write_text(
        f"sources:\n  stacks: {{kind: hj212, listen: 'tcp://127.0.0.1:{port}', timezone: Asia/Shanghai, "
        "minute_interval: 10, batch_seconds: 0.2}\n",
        encoding="utf-8",
    )
    each = "s{0},m,concentration,state,mg_per_m3,,stacks,S{0}/2051/a21026-Avg"
    rows = [each.format(number) for number in range(STATIONS)]
    header = "point_id,meter_id,quantity,kind,unit,register_size,source,address"
    (folder / "points.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    (folder / "allocations.csv").write_text("energy_unit_id,carrier,point_id\n", encoding="utf-8")
    return folder


def _kill_again_and_again(site: Path, lake: Path, stations: list[Station]) -> None:
    chance = random.Random(20260101)
    command = [sys.executable, "-m", "pipelines.cli.main", "collect", str(site), "--lake", str(lake)]
    for _ in range(KILLS):
        before = sum(len(one.answered) for one in stations)
        with subprocess.Popen(command, cwd=live_site.ROOT, stdout=subprocess.DEVNULL) as process:
            deadline = time.monotonic() + 180
            while sum(len(one.answered) for one in stations) == before:
                assert process.poll() is None, "the collector ended by itself"
                assert time.monotonic() < deadline, "nothing was answered"
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 2))
            process.send_signal(signal.SIGKILL)


def test_what_was_answered_is_there_once(tmp_path: Path) -> None:
    port, stop = peers.free_port(), threading.Event()
    site, folder = _site(tmp_path / "site", port), tmp_path / "lake"
    stations = [Station(port, f"S{number}", stop) for number in range(STATIONS)]
    for one in stations:
        one.start()
    _kill_again_and_again(site, folder, stations)
    stop.set()
    for one in stations:
        one.join(60)
    landed = Counter(
        (row["point_id"], (row["reading_at"] - BASE) // timedelta(minutes=10) - 1, f"{row['value']:.1f}")
        for row in read(Lake(str(folder)).path("raw", "stacks__reading")).to_pylist()
    )
    answered = {(f"s{one.station[1:]}", number, f"{number}.5") for one in stations for number in one.answered}
    print(f"{len(answered)} answered, {len(landed)} in raw, {KILLS} kills")  # noqa: T201
    assert len(answered) > 1000
    assert answered - landed.keys() == set()
    assert [row for row, times in landed.items() if times > 1] == []
