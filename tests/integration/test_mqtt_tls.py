"""MQTT over TLS beside a real mosquitto that asks for a certificate: who has the right one is in, nobody else."""

import gc
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from ingestion.sources.mqtt import Mqtt
from lake.site.load import Site
from lake.store import Lake
from tests.integration import certificates, peers
from tests.integration.test_collector import running
from tests.integration.until import eventually, values
from tests.unit.ingestion.made import context, points_table, site

pytestmark = pytest.mark.integration
OURS = {"ca_file": "plant.pem", "cert_file": "collector.pem", "key_file": "collector_key.pem"}


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    plant = certificates.authority(tmp_path, "plant")
    for owner in ("broker", "collector", "gateway"):
        plant.issue(owner)
    certificates.authority(tmp_path, "stranger").issue("intruder")
    found = peers.free_port()
    (tmp_path / "mosquitto.conf").write_text(
        f"listener {found} 127.0.0.1\ncafile {tmp_path}/plant.pem\ncertfile {tmp_path}/broker.pem\n"
        f"keyfile {tmp_path}/broker_key.pem\nrequire_certificate true\nuse_identity_as_username true\nuser root\n",
        encoding="utf-8",
    )
    command = [peers.program("mosquitto"), "-c", str(tmp_path / "mosquitto.conf")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        peers.wait_for(found)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=90)


def _site(folder: Path, port: int, files: dict[str, str]) -> Site:
    mapping = {"device": "$.d", "time": "$.ts", "time_unit": "s", "values": "$.v"}
    source: dict[str, Any] = {"kind": "mqtt", "url": f"mqtts://127.0.0.1:{port}", "topics": ["plant/#"], **files}
    return site(folder, {"meter": {**source, "mapping": mapping, "batch_seconds": 0.2}}, points_table({"p": "m/EP"}))


def _publish(folder: Path, port: int) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.tls_set(f"{folder}/plant.pem", f"{folder}/gateway.pem", f"{folder}/gateway_key.pem")
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.publish("plant/m", json.dumps({"d": "m", "ts": 1767196800, "v": {"EP": 12.5}}), qos=1).wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


def test_the_right_certificate_is_let_in(tmp_path: Path, port: int) -> None:
    lake = Lake(str(tmp_path / "lake"))

    def has_arrived() -> bool:
        _publish(tmp_path, port)
        return values(lake) == {"p": {"12.5"}}

    with running(lake, _site(tmp_path, port, OURS)):
        eventually(has_arrived)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"ca_file": "plant.pem"}, id="none"),
        pytest.param(OURS | {"cert_file": "intruder.pem", "key_file": "intruder_key.pem"}, id="of_a_stranger"),
        pytest.param(OURS | {"ca_file": "stranger.pem"}, id="broker_of_a_stranger"),
    ],
)
def test_nobody_else_is(tmp_path: Path, port: int, files: dict[str, str]) -> None:
    settings = {"url": f"mqtts://127.0.0.1:{port}", "topics": ["plant/#"], **files}
    source = Mqtt(context(tmp_path, settings, {"p": "m/EP"}))
    said, arrived, stop = list[str | None](), list[Any](), threading.Event()
    thread = threading.Thread(target=source.listen, args=(arrived.append, said.append, stop))
    thread.start()
    try:
        eventually(lambda: bool(said))
        _publish(tmp_path, port)
    finally:
        stop.set()
        thread.join(90)
        source.close()
    gc.collect()  # paho leaves the socket of a failed handshake lying; no other test is to find it
    assert all(text and f"127.0.0.1:{port}" in text for text in said)
    assert arrived == []
