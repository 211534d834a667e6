"""What a machine does to a run: killed at any moment, out of room, told another time, its files damaged.

After each the marts that readers open are whole, what went wrong is one sentence, and the next run heals it.
"""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from pipelines.settings import ROOT
from tests.integration.small_plant import SmallPlant, planted

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]

KILLS = int(os.environ.get("NENGTAN_SOAK_KILLS", "200"))
ROOMS = int(os.environ.get("NENGTAN_SOAK_ROOMS", "20"))


def _one_sentence(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 1, (done.returncode, done.stdout[-500:], done.stderr[-2000:])
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert 20 < len(last) < 600, last


@pytest.fixture
def plant(tmp_path: Path) -> SmallPlant:
    made = planted(tmp_path)
    made.run()
    return made


@pytest.fixture
def twin(tmp_path: Path) -> SmallPlant:
    """A plant to which nothing happens."""
    return planted(tmp_path / "twin")


def test_killed_at_any_moment(plant: SmallPlant, twin: SmallPlant) -> None:
    chance = random.Random(200)
    started = time.monotonic()
    plant.day(0)
    plant.run()
    lasts = time.monotonic() - started
    days, killed = 1, 0
    while killed < KILLS:
        plant.day(days)
        days += 1
        for _ in range(chance.randint(1, 4)):
            process = subprocess.Popen(
                plant.command("run", str(plant.site)),
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                process.wait(chance.uniform(0.2, lasts))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                killed += 1
            plant.whole()
        if chance.random() < 0.2:
            plant.run()
            plant.proven()
    plant.run()
    assert plant.run()["rows_read"] == 0
    plant.proven()
    for number in range(days):
        twin.day(number)
    twin.run()
    assert plant.facts() == twin.facts()


def test_out_of_room(plant: SmallPlant, twin: SmallPlant, tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(room)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine cannot mount a small disk")
    try:
        shutil.copytree(plant.lake, room / "lake")
        small = SmallPlant(plant.site, room / "lake")
        days = failed = 0
        for number in range(ROOMS):
            plant.day(days)
            days += 1
            used = shutil.disk_usage(room).used // 1024
            _resize(room, used + number * 400)
            done = small.nengtan("run", str(small.site))
            if done.returncode:
                failed += 1
                _one_sentence(done)
            _resize(room, 400 * 1024)
            small.whole()
            small.run()
            small.proven()
        assert failed >= ROOMS // 3
        for number in range(days):
            twin.day(number)
        twin.run()
        assert small.facts() == twin.facts()
    finally:
        subprocess.run(["umount", "-l", str(room)], check=True)


def _resize(room: Path, kilobytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(room)], check=True)
