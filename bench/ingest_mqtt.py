"""MQTT as a plant has it: a broker with the configuration that we ship, a gateway with QoS 1, the collector.

Called as a program it is the gateway: `python -m bench.ingest_mqtt PORT FIRST COUNT`.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from bench import broker
from bench.measure import child
from lake.errors import NengtanError
from lake.store import Lake

VALUES, DEVICES, MESSAGES = 50, 20, 20_000
#: So many messages at once are a burst, which the collector lands without waiting for more.
_WARM_UP = 40
_BASE = 1767196800  # 2026-01-01 in Shanghai
_STEP_S = 60
_PATIENCE_S = 120
_SITE = {
    "site.yaml": "id: gateway\nname_zh: 网关\ntimezone: Asia/Shanghai\n",
    "organizations.csv": "organization_id,name_zh\nworks,工厂\n",
    "energy_units.csv": "energy_unit_id,organization_id,kind,name_zh\nall,works,site,全厂\n",
    "meters.csv": "meter_id,energy_unit_id,carrier\nm,all,electricity_grid\n",
    "allocations.csv": "energy_unit_id,carrier,point_id\nall,electricity_grid,d0_k0\n",
}


def readings_per_s(folder: Path) -> float:
    """Return how many readings a second are published, committed and acknowledged; every one of them lands once."""
    with broker.running(folder / "broker") as port:
        place, lake = _site(folder / "site", port), Lake(str(folder / "lake"))
        collector = [sys.executable, "-m", "pipelines.cli.main", "collect", str(place), "--lake", str(lake.root)]
        child([*collector, "--for", "1"])  # the broker keeps for this session what is published from now on
        with subprocess.Popen([*collector, "--until-idle", "5", "--json"], stdout=subprocess.PIPE) as process:
            _publish(port, 0, _WARM_UP)
            _wait_for_first(lake)
            started = time.time()
            _publish(port, _WARM_UP, MESSAGES)
            told = json.loads(process.communicate()[0])["gateway"]
        wanted = (_WARM_UP + MESSAGES) * VALUES
        if told["rows_landed"] != wanted:
            raise NengtanError(f"bench ingest: mqtt: {told['rows_landed']:,} of {wanted:,} readings landed")
        return MESSAGES * VALUES / (_last_commit(lake) - started)


def _publish(port: int, first: int, count: int) -> None:
    child([sys.executable, "-m", "bench.ingest_mqtt", str(port), str(first), str(count)])


def _log(lake: Lake) -> list[Path]:
    return sorted((lake.path("raw", "gateway__batch") / "_delta_log").glob("*.json"))


def _wait_for_first(lake: Lake) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not lake.exists("raw", "gateway__batch") or len(_log(lake)) < 2:
        if time.monotonic() > deadline:
            raise NengtanError("bench ingest: mqtt: the collector does not land what is published")
        time.sleep(0.05)


def _last_commit(lake: Lake) -> float:
    return _log(lake)[-1].stat().st_mtime


def _site(folder: Path, port: int) -> Path:
    folder.mkdir(parents=True)
    points = [
        f"d{device}_k{value},m,active_energy_import,register,kWh,10000000000,gateway,d{device}/k{value}"
        for device in range(DEVICES)
        for value in range(VALUES)
    ]
    sources = f"""sources:
  gateway:
    kind: mqtt
    url: mqtt://127.0.0.1:{port}
    topics: [plant/+/data]
    client_id: nengtan-bench
    decimals: 2
    mapping: {{device: $.d, time: $.ts, time_unit: s, values: $.v}}
"""
    header = "point_id,meter_id,quantity,kind,unit,register_size,source,address"
    files = {**_SITE, "sources.yaml": sources, "points.csv": "\n".join([header, *points, ""])}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def publish(port: int, first: int, count: int) -> None:
    """Publish numbered messages with QoS 1, and wait until the broker has acknowledged the last one."""
    from paho.mqtt import client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(500)
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for number in range(first, first + count):
        device = f"d{number % DEVICES}"
        values = {f"k{place}": round(number * 1.25 + place, 2) for place in range(VALUES)}
        text = json.dumps({"d": device, "ts": _BASE + number // DEVICES * _STEP_S, "v": values})
        last = client.publish(f"plant/{device}/data", text, qos=1)
    last.wait_for_publish(_PATIENCE_S)
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    publish(*(int(word) for word in sys.argv[1:4]))
