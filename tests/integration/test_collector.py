"""The collector beside real peers: bad input, peers that go and come back, ends in good order."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from ingestion import collector
from ingestion.collector import Collected, Until
from lake.errors import LakeError
from lake.site.load import Site, read_site
from lake.store import Lake
from tests.integration import live_site, peers

pytestmark = pytest.mark.integration
AT = live_site.BASE


class Running:
    """A collector in a thread of its own."""

    def __init__(self, lake: Lake, site: Site) -> None:
        self.lake = lake
        self._until = Until()
        self.collected: dict[str, Collected] = {}
        self._thread = threading.Thread(target=self._run, args=(site,))
        self._thread.start()

    def _run(self, site: Site) -> None:
        self.collected = collector.collect(self.lake, site, self._until)

    def end(self) -> dict[str, Collected]:
        """Ask it to stop, and wait."""
        self._until.event.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.collected


@contextmanager
def running(lake: Lake, site: Site) -> Iterator[Running]:
    found = Running(lake, site)
    try:
        yield found
    finally:
        found.end()


def _eventually(is_so: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def _publish(port: int, *payloads: bytes | str) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for sent in [client.publish("plant/d0/data", payload, qos=1) for payload in payloads]:
        sent.wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


def _message(number: int, device: str = "d0", **values: object) -> str:
    return json.dumps({"d": device, "ts": AT + number, "v": values or {"k0": number}})


def _values(lake: Lake, source: str) -> dict[tuple[str, int], str]:
    if not lake.exists("raw", f"{source}__reading"):
        return {}
    table = lake.delta("raw", f"{source}__reading").to_pyarrow_table(columns=["point_id", "reading_at", "value"])
    return {
        (row["point_id"], int(row["reading_at"].timestamp()) - AT): f"{row['value'].normalize():f}"
        for row in table.to_pylist()
    }


def _refused(lake: Lake, source: str) -> list[tuple[str, str]]:
    table = lake.delta("quarantine", f"{source}__reading").to_pyarrow_table(columns=["reason_code", "reason"])
    return sorted((row["reason_code"], row["reason"]) for row in table.to_pylist())


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def test_bad_messages_stand_in_quarantine_and_good_ones_beside_them_land(lake: Lake, tmp_path: Path) -> None:
    port = peers.free_port()
    site = read_site(live_site.write(tmp_path / "site", port, peers.free_port()), {})
    with live_site.broker(tmp_path / "broker", port), running(lake, site) as live:
        _eventually(lambda: lake.exists("raw", "gateway__reading") or _probe(port))
        _publish(
            port,
            _message(1),
            '{"d": "d0", "ts": 17',
            b"\xff\xfe not text",
            '{"device": "d0"}',
            _message(2, k9=2.5, k77=1),
            _message(3, "nobody"),
            json.dumps({"d": "d0", "ts": 4_000_000_000, "v": {"k0": 1}}),
            json.dumps({"d": "d0", "ts": "soon", "v": {"k0": 1}}),
            _message(4, k0="n/a", k1=-5, k2="4.125", k3=True),
            _message(5),
        )
        _eventually(lambda: ("d0_k0", 5) in _values(lake, "gateway"))
    assert _values(lake, "gateway") == {
        ("d0_k0", 1): "1", ("d0_k9", 2): "2.5", ("d0_k2", 4): "4.125", ("d0_k3", 4): "1", ("d0_k0", 5): "5",
    }  # fmt: skip
    counts = dict(live.collected["gateway"].reasons)
    assert counts == {
        "bad_payload": 3,
        "unknown_point": 2,
        "future_time": 1,
        "bad_time": 1,
        "bad_value": 1,
        "register_out_of_range": 1,
    }
    assert len(_refused(lake, "gateway")) == sum(counts.values())
    assert "reconnecting" in (live.collected["meters"].away or "")


def _probe(port: int) -> bool:
    """Publish a message that only opens the tables, until the subscription stands."""
    _publish(port, json.dumps({"d": "d7", "ts": AT, "v": {}}))
    return False


def test_a_register_that_a_meter_refuses_does_not_keep_the_others(lake: Lake, tmp_path: Path) -> None:
    port = peers.free_port()
    folder = live_site.write(tmp_path / "site", peers.free_port(), port)
    with (folder / "points.csv").open("a", encoding="utf-8") as points:
        points.write("hole,m,active_power,power,kW,,meters,2:3:500:uint16\n")
        points.write("seam,m,active_power,power,kW,,meters,2:3:36:uint16\n")  # beside m2_wh, and not there
        points.write("silent,m,active_power,power,kW,,meters,99:3:10:uint16\n")
    with live_site.meters(port, seconds_per_step=0.5):
        collected = collector.collect(lake, read_site(folder, {}), Until(total_seconds=4))
    points_read = {point for point, _ in _values(lake, "meters")}
    assert points_read == {f"m{number}_{kind}" for number in live_site.METERS for kind in ("ep", "wh")}
    assert set(collected["meters"].reasons) == {"protocol_error"}
    told = " | ".join(reason for _, reason in _refused(lake, "meters"))
    assert "2:3:500:uint16: the device answers exception 2 (illegal data address)" in told
    assert "2:3:36:uint16: the device answers exception 2" in told
    assert "99:3:10:uint16: the device" in told


def test_a_broker_that_restarts_loses_nothing(lake: Lake, tmp_path: Path) -> None:
    port = peers.free_port()
    site = read_site(live_site.write(tmp_path / "site", port, peers.free_port()), {})
    with running(lake, site) as live:
        with live_site.broker(tmp_path / "broker", port):
            _eventually(lambda: live.lake.exists("raw", "gateway__reading") or _probe(port))
            _publish(port, *[_message(number) for number in range(1, 50)])
        with live_site.broker(tmp_path / "broker", port):
            _publish(port, *[_message(number) for number in range(50, 100)])
            _eventually(lambda: len(_values(lake, "gateway")) == 99, 60)
    assert live.collected["gateway"].rows_landed == 99


def test_messages_of_an_absent_collector_wait_and_values_change_in_order(lake: Lake, tmp_path: Path) -> None:
    port = peers.free_port()
    site = read_site(live_site.write(tmp_path / "site", port, peers.free_port()), {})
    with live_site.broker(tmp_path / "broker", port):
        collector.collect(lake, site, Until(total_seconds=1.5))
        _publish(port, _message(1, k0=1), _message(1, k0=2), _message(1, k0=1), _message(1, k0=1))
        ended = collector.collect(lake, site, Until(idle_seconds=2))
    assert (ended["gateway"].rows_landed, ended["gateway"].rows_repeated) == (3, 1)
    table = lake.delta("raw", "gateway__reading").to_pyarrow_table().sort_by("known_at").to_pylist()
    assert [int(row["value"]) for row in table] == [1, 2, 1]
    assert all(row["known_at"] <= datetime.now(UTC) for row in table)
    payload = lake.payload(table[0]["batch_id"]).read_text("utf-8").splitlines()
    assert [json.loads(json.loads(line)["payload"])["v"]["k0"] for line in payload] == [1, 2, 1, 1]


def test_a_second_collector_is_refused(lake: Lake, tmp_path: Path) -> None:
    site = read_site(live_site.write(tmp_path / "site", peers.free_port(), peers.free_port()), {})
    with lake.writing("meters"), pytest.raises(LakeError, match="another process is writing"):
        collector.collect(Lake(str(lake.root)), site, Until(total_seconds=1))


def test_what_is_away_is_said_in_one_sentence(lake: Lake, tmp_path: Path) -> None:
    site = read_site(live_site.write(tmp_path / "site", peers.free_port(), peers.free_port()), {})
    ended = collector.collect(lake, site, Until(idle_seconds=1.5))
    assert "no broker at 127.0.0.1" in (ended["gateway"].away or "")
    assert "reconnecting" in (ended["meters"].away or "")
