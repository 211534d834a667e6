"""The Sparkplug B host beside an edge node of another house, on a real broker."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from lake.site.load import Site
from lake.store import Lake
from tests.integration import live_site, peers
from tests.integration.node_peer import NodePeer, node_peer
from tests.integration.test_collector import running
from tests.integration.until import eventually, rows
from tests.unit.ingestion.made import points_table, site

pytestmark = pytest.mark.integration
AT = 1_767_225_600_000  # 2026-01-01T00:00:00Z
POINTS = {"energy": "works/shop/press:Energy/Import", "load": "works/shop/press:Load", "node": "works/shop:Uptime"}


def _metric(name: str | None, value: object, kind: str, *, after: int = 0, **more: object) -> dict[str, Any]:
    named = {} if name is None else {"name": name}
    return {**named, "value": value, "type": kind, "timestamp": AT + after, **more}


def _payload(*metrics: dict[str, Any], after: int = 0) -> dict[str, Any]:
    return {"timestamp": AT + after, "metrics": list(metrics)}


def _births(edge: NodePeer) -> None:
    edge.tell(
        do="publishNodeBirth", payload=_payload(_metric("Uptime", 7, "UInt32"), _metric("Rebirth", False, "Boolean"))
    )
    energy = _metric("Energy/Import", 900_719_925_474, "Int64", alias=1)
    load = _metric("Load", -12.5, "Double", alias=2)
    edge.tell(
        do="publishDeviceBirth", device="press", payload=_payload(energy, load, _metric("Idle", 1, "Int32", alias=3))
    )


def _site(folder: Path, port: int) -> Site:
    source = {"kind": "sparkplug", "url": f"mqtt://127.0.0.1:{port}", "groups": ["works"], "batch_seconds": 0.2}
    addresses: dict[str, str | None] = dict(POINTS)
    return site(folder, {"meter": {**source, "host_id": "centre"}}, points_table(addresses))


def _found(lake: Lake) -> set[tuple[str, int, str, str]]:
    return {
        (
            row["point_id"],
            int(row["reading_at"].timestamp() * 1000) - AT,
            f"{row['value'].normalize():f}",
            row["status"],
        )
        for row in rows(lake, "raw")
    }


def _has(lake: Lake, point: str, after: int, value: str, status: str = "good") -> Callable[[], bool]:
    return lambda: (point, after, value, status) in _found(lake)


def _state(port: int) -> dict[str, Any]:
    """Return what the broker keeps of our STATE."""
    client, heard = paho.Client(CallbackAPIVersion.VERSION2), []
    client.on_message = lambda _c, _u, message: heard.append(json.loads(message.payload))
    client.connect("127.0.0.1", port)
    client.subscribe("spBv1.0/STATE/centre", 1)
    client.loop_start()
    eventually(lambda: bool(heard))
    client.disconnect()
    client.loop_stop()
    state: dict[str, Any] = heard[0]
    return state


def test_births_data_gaps_and_deaths_of_an_edge_node_of_another_house(tmp_path: Path) -> None:
    lake, port = Lake(str(tmp_path / "lake")), peers.free_port()
    edge_node = node_peer("sparkplug_edge.js", "sparkplug-client", f"mqtt://127.0.0.1:{port}", "works", "shop")
    with live_site.broker(tmp_path / "broker", port), edge_node as edge:
        edge.until("connected")
        _births(edge)  # nobody listens yet: the host must ask for them
        with running(lake, _site(tmp_path, port)) as live:
            edge.until("reborn")
            eventually(_has(lake, "energy", 0, "900719925474"))
            assert _state(port)["online"] is True
            by_alias = _metric(None, -3.25, "Double", after=1000, alias=2)
            late = _metric(None, 5, "Int64", after=-5000, alias=1, isHistorical=True)
            nothing = _metric(None, None, "Int64", after=2000, alias=1)
            edge.tell(do="publishDeviceData", device="press", payload=_payload(by_alias, late, nothing))
            eventually(_has(lake, "load", 1000, "-3.25"))
            edge.tell(do="lose")
            edge.tell(
                do="publishDeviceData",
                device="press",
                payload=_payload(_metric(None, 4, "Double", after=3000, alias=2)),
            )
            edge.until("reborn")
            eventually(_has(lake, "load", 3000, "4"))
            edge.tell(do="publishDeviceData", device="press", payload=_payload(_metric(None, 1, "Double", alias=77)))
            eventually(lambda: any("alias 77" in row["reason"] for row in rows(lake, "quarantine")))
            edge.until("reborn")
            edge.tell(
                do="publishDeviceData",
                device="press",
                payload=_payload(_metric(None, 6, "Double", after=4000, alias=2)),
            )
            eventually(_has(lake, "load", 4000, "6"))
            edge.kill()  # the broker sends its will
            eventually(lambda: sum(status == "bad_stale" for *_, status in _found(lake)) == 3)
            collected = live.end()["meter"]
        assert _state(port)["online"] is False
    found = _found(lake)
    assert {row for row in found if row[3] != "bad_stale"} == {
        ("node", 0, "7", "good"),
        ("energy", 0, "900719925474", "good"),
        ("energy", -5000, "5", "historical"),
        ("load", 0, "-12.5", "good"),
        ("load", 1000, "-3.25", "good"),
        ("load", 3000, "4", "good"),
        ("load", 4000, "6", "good"),
    }
    assert collected.reasons["bad_value"] == 1  # null is null
    assert any("a message was lost" in row["reason"] for row in rows(lake, "quarantine"))
    assert "works/shop" in (collected.away or "")
