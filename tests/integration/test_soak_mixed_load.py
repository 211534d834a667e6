"""Everything at once into one collector: nothing lost, less than a core, memory flat; then peers that fail."""

import os
import random
import signal
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.integration import peers
from tests.integration.mixed_load import accounting, measure
from tests.integration.mixed_load.accounting import Account
from tests.integration.mixed_load.plant import Load, Peer, Plant, collector, running_peers
from tests.integration.node_peer import MODULES

pytestmark = [pytest.mark.integration, pytest.mark.soak]
SECONDS = float(os.environ.get("NENGTAN_SOAK_SECONDS", "600"))
_START = 30.0  # until every connection stands
_SAMPLE = 5.0


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    peers.program("node")
    if not (MODULES / "node-opcua").exists():
        pytest.skip("the npm library node-opcua is not installed; scripts/node_peers.sh installs it")
    found = Plant(tmp_path, Load())
    found.write_site()
    return found


def _told(name: str, account: Account[Any]) -> None:
    print(f"{name}: {account.held_to} held to, {len(account.missing)} missing, {len(account.doubled)} doubled")  # noqa: T201
    print("  ", account.missing[:3], account.doubled[:3])  # noqa: T201


def test_nothing_is_lost_of_a_mixed_load(plant: Plant) -> None:
    with running_peers(plant) as running, collector(plant) as process:
        time.sleep(_START)
        begun, since = measure.taken(process.pid), time.time()
        samples = []
        while time.time() < since + SECONDS:
            time.sleep(_SAMPLE)
            assert process.poll() is None, (plant.folder / "collector.log").read_text("utf-8")
            samples.append(measure.taken(process.pid).memory_mb)
        cpu = (measure.taken(process.pid).cpu_s - begun.cpu_s) / (time.time() - since)
        until = time.time()
        for name in ("gateway", "stacks"):
            running[name].end()
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    quarter = len(samples) // 4
    early, late = statistics.median(samples[quarter : 2 * quarter]), statistics.median(samples[-quarter:])
    print(f"\n{cpu:.2f} cores, memory {early:.0f} → {late:.0f} MB, most {max(samples):.0f} MB")  # noqa: T201
    accounts = {
        "mqtt": accounting.mqtt(plant),
        "hj212": accounting.hj212(plant),
        "opcua": accounting.opcua(plant, since, until - 5),
        "modbus": accounting.modbus(plant),
    }
    for name, account in accounts.items():
        _told(name, account)
    assert all(account.held_to > 0 for account in accounts.values())
    assert {name: account.missing[:5] for name, account in accounts.items() if account.missing} == {}
    assert {name: account.doubled[:5] for name, account in accounts.items() if account.doubled} == {}
    assert cpu < 1
    assert late < early * 1.1 + 20


def _disturb(running: dict[str, Peer], chance: random.Random) -> str:
    """Freeze a peer, kill it, or let it restart in good order; only so a broker keeps what it acknowledged."""
    peer = running[chance.choice(("broker", "meters", "line"))]
    how = chance.choice(("freeze", "restart") if peer.name == "broker" else ("freeze", "kill"))
    if how == "freeze":
        peer.send(signal.SIGSTOP)
        time.sleep(chance.uniform(2, 12))
        peer.send(signal.SIGCONT)
    else:
        peer.end(signal.SIGTERM if how == "restart" else signal.SIGKILL)
        time.sleep(chance.uniform(0, 5))
        peer.start()
    return f"{peer.name} {how}"


def test_peers_that_fail_at_random_cost_nothing_that_was_acknowledged(plant: Plant) -> None:
    chance, done = random.Random(20260101), Counter[str]()
    with running_peers(plant) as running, collector(plant) as process:
        time.sleep(_START)
        until = time.time() + SECONDS
        while time.time() < until:
            done[_disturb(running, chance)] += 1
            assert process.poll() is None, (plant.folder / "collector.log").read_text("utf-8")
            time.sleep(chance.uniform(2, 8))
        time.sleep(_START)
        for name in ("gateway", "stacks"):
            running[name].end()
        time.sleep(_START)
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    print(f"\n{dict(done)}")  # noqa: T201
    accounts = {"mqtt": accounting.mqtt(plant), "hj212": accounting.hj212(plant), "modbus": accounting.modbus(plant)}
    for name, account in accounts.items():
        _told(name, account)
    assert accounts["mqtt"].missing == accounts["hj212"].missing == []
    assert {name: account.doubled[:5] for name, account in accounts.items() if account.doubled} == {}
    assert accounting.unreported(plant, accounts["modbus"]) == []
    assert accounting.silent_meters(plant, until) == []
