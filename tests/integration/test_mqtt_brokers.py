"""Two brokers of different houses: what was not kept is not acknowledged, comes again, and is in the lake once."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from ingestion import collector, health
from lake.site.load import read_site
from lake.store import Lake
from lake.tablerows import read
from tests.integration import live_site, peers
from tests.integration.node_peer import node_peer
from tests.integration.test_collector import running
from tests.integration.until import eventually

pytestmark = pytest.mark.integration
COUNT = 150


@contextmanager
def _aedes(port: int) -> Iterator[None]:
    with node_peer("aedes_broker.js", "aedes", str(port)) as peer:
        peer.until("ready")
        yield


def _broker(name: str, folder: Path, port: int) -> AbstractContextManager[object]:
    return _aedes(port) if name == "aedes" else live_site.broker(folder, port)


def _publish(port: int, *messages: str) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for sent in [client.publish("plant/d0/data", message, qos=1) for message in messages]:
        sent.wait_for_publish(90)
    client.disconnect()
    client.loop_stop()


def _noted(lake: Lake, name: str) -> object:
    return {one["source"]: one for one in health.read(lake.root).get("sources", ())}.get("gateway", {}).get(name)


@pytest.mark.parametrize("name", ["mosquitto", "aedes"])
def test_a_broker_keeps_what_the_lake_could_not_take(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "_NOTE_EVERY", 0.1)
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    site = read_site(live_site.write(tmp_path / "site", port, peers.free_port()), {})
    messages = [json.dumps({"d": "d0", "ts": live_site.BASE + number, "v": {"k0": number}}) for number in range(COUNT)]
    lake.root.mkdir()
    payloads = lake.root / "payloads"
    payloads.write_text("no folder, so that nothing can be kept in it")

    def is_subscribed() -> bool:
        _publish(port, json.dumps({"d": "d0", "ts": live_site.BASE, "v": {}}))
        return bool(_noted(lake, "arrival_count"))

    with _broker(name, tmp_path / "broker", port):
        with running(lake, site) as live:
            eventually(is_subscribed)
            _publish(port, *messages)
            eventually(lambda: _noted(lake, "state") == "held_up")
            told = live.end()["gateway"]
        assert "were not kept, because the lake could not be written" in (told.away or "")
        payloads.unlink()
        with running(lake, site) as live:
            eventually(lambda: len(_values(lake)) == COUNT)
            live.end()
    assert _values(lake) == Counter(range(COUNT))


def _values(lake: Lake) -> Counter[int]:
    if not lake.exists("raw", "gateway__reading"):
        return Counter()
    return Counter(int(row["value"]) for row in read(lake.path("raw", "gateway__reading")).to_pylist())
