"""What a machine does to a run: killed at any moment, out of room at any point.

After each the marts that readers open are whole, what went wrong is one sentence, and the next run heals it. What is
killed is `nengtan run` in a process of its own, forked from an interpreter that has imported what it needs.
"""

import logging
import os
import random
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.small_plant import SmallPlant, planted, said_in_one_sentence
from tests.integration.warm_runs import WarmRuns, warm

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]

LOG = logging.getLogger(__name__)
KILLS = int(os.environ.get("NENGTAN_SOAK_KILLS", "200"))
ROOMS = int(os.environ.get("NENGTAN_SOAK_ROOMS", "20"))
#: How far a run had come, by what it says on its way; the last that it said counts.
_STAGES = (
    ("published as", "published"),
    ("checks passed", "publishing"),
    ("to rebuild", "building"),
    ("landed", "taken in"),
)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[WarmRuns]:
    with warm(tmp_path / "warm") as found:
        yield found


@pytest.fixture
def plant(tmp_path: Path, runs: WarmRuns) -> SmallPlant:
    """A plant with its history published; the interpreter has learnt what a run imports."""
    made = planted(tmp_path, runs)
    made.run()
    runs.learn()
    made.day(0)
    made.run()
    runs.learn()
    return made


@pytest.fixture
def twin(tmp_path: Path, runs: WarmRuns) -> SmallPlant:
    """A plant to which nothing happens."""
    return planted(tmp_path / "twin", runs)


def test_killed_at_any_moment(plant: SmallPlant, twin: SmallPlant, runs: WarmRuns) -> None:
    chance = random.Random(200)
    plant.day(1)
    started = time.monotonic()
    plant.run()
    lasts = time.monotonic() - started
    days, reached = 2, Counter[str]()
    while reached.total() < KILLS:
        plant.day(days)
        days += 1
        for _ in range(chance.randint(1, 4)):
            begun = runs.begin(*plant.arguments("run", str(plant.site)))
            if begun.wait(chance.uniform(0, lasts)) is None:
                begun.kill()
                told = begun.err.read_text("utf-8")
                reached[next((stage for text, stage in _STAGES if text in told), "beginning")] += 1
            plant.whole()
        if chance.random() < 0.1:
            plant.run()
            plant.proven()
            LOG.info("killed so far: %s", dict(reached))
    plant.run()
    assert plant.run()["rows_read"] == 0
    plant.proven()
    LOG.info("killed: %s, each published day equal to a plant's that was left alone", dict(reached))
    assert min(reached[stage] for _, stage in _STAGES[1:3]) >= KILLS // 20
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
        small = SmallPlant(plant.site, room / "lake", plant.runs)
        plant.day(1)
        need = _needed(room, small)
        days, sentences = 2, []
        for number in range(ROOMS):
            plant.day(days)
            days += 1
            _resize(room, _used(room) + number * need // ROOMS)
            done = small.nengtan("run", str(small.site))
            if done.returncode:
                sentences.append(said_in_one_sentence(done))
                LOG.info("%d of %d kB: %s", number * need // ROOMS, need, sentences[-1])
            _resize(room, 400 * 1024)
            small.whole()
            small.run()
            small.proven()
        assert len(sentences) >= ROOMS // 2
        for number in range(days):
            twin.day(number)
        twin.run()
        assert small.facts() == twin.facts()
    finally:
        subprocess.run(["umount", "-l", str(room)], check=True)


def _needed(room: Path, small: SmallPlant) -> int:
    """Return the kB that a run of one day takes at most beside what was there."""
    before, most, is_done = _used(room), 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not is_done.wait(0.02):
            most = max(most, _used(room))

    watching = threading.Thread(target=watch)
    watching.start()
    small.run()
    is_done.set()
    watching.join()
    return most - before


def _used(room: Path) -> int:
    return shutil.disk_usage(room).used // 1024


def _resize(room: Path, kilobytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(room)], check=True)
