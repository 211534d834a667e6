"""A small site of an MQTT gateway and Modbus meters, a real broker, meters that move, a publisher that counts."""

import asyncio
import csv
import json
import re
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.integration import peers

ROOT = Path(__file__).resolve().parents[2]
BASE = 1767196800  # 2026-01-01 in Shanghai
KEYS = [f"k{number}" for number in range(10)]
DEVICES = [f"d{number}" for number in range(8)]
METERS = range(1, 6)
CLOCK = 0x0F00
STEP_SECONDS = 300


def write(folder: Path, mqtt_port: int, modbus_port: int) -> Path:
    """Write the site folder; meters are registers of 10 places, addresses as the gateways name them."""
    points = [(f"{device}_{key}", "gateway", f"{device}/{key}") for device in DEVICES for key in KEYS]
    for number in METERS:
        points += [(f"m{number}_ep", "meters", f"{number}:3:0x000A:uint32")]
        points += [(f"m{number}_wh", "meters", f"{number}:3:32:int64:CDAB")]
    folder.mkdir()
    (folder / "site.yaml").write_text("id: live\nname_zh: 试点\ntimezone: Asia/Shanghai\n", encoding="utf-8")
    (folder / "sources.yaml").write_text(
        f"""sources:
  gateway:
    kind: mqtt
    url: mqtt://127.0.0.1:{mqtt_port}
    topics: [plant/+/data]
    client_id: nengtan-test
    batch_seconds: 0.5
    decimals: 3
    mapping: {{device: $.d, time: $.ts, time_unit: s, values: $.v}}
  meters:
    kind: modbus
    url: tcp://127.0.0.1:{modbus_port}
    poll_seconds: 0.02
    batch_seconds: 0.5
    decimals: 0
    clock: "{CLOCK}"
""",
        encoding="utf-8",
    )
    _csv(folder / "organizations.csv", ["organization_id", "name_zh"], [("works", "工厂")])
    _csv(
        folder / "energy_units.csv",
        ["energy_unit_id", "organization_id", "kind", "name_zh"],
        [("all", "works", "site", "全厂")],
    )
    _csv(folder / "meters.csv", ["meter_id", "energy_unit_id", "carrier"], [("m", "all", "electricity_grid")])
    _csv(
        folder / "points.csv",
        ["point_id", "meter_id", "quantity", "kind", "unit", "register_size", "source", "address"],
        [(point, "m", "active_energy_import", "register", "kWh", "10000000000", *rest) for point, *rest in points],
    )
    _csv(folder / "allocations.csv", ["energy_unit_id", "carrier", "point_id"], [("all", "electricity_grid", "m1_ep")])
    return folder


def _csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


@contextmanager
def broker(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run mosquitto with the configuration that we ship, on a port and a folder of our own."""
    program = peers.program("mosquitto")
    folder.mkdir(exist_ok=True)
    shipped = (ROOT / "scripts/mosquitto.conf").read_text("utf-8")
    own = re.sub(r"^listener .*$", f"listener {port} 127.0.0.1", shipped, flags=re.MULTILINE)
    (folder / "mosquitto.conf").write_text(f"{own}\npersistence_location {folder}/\nuser root\n", encoding="utf-8")
    process = subprocess.Popen([program, "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    try:
        peers.wait_for(port)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=90)


class Publisher:
    """Publishes numbered messages with QoS 1 until told to stop, and remembers what the broker acknowledged."""

    def __init__(self, port: int, per_second: float) -> None:
        self._pause = 1 / per_second
        self._sent: list[paho.MQTTMessageInfo] = []
        self._stop = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.max_queued_messages_set(0)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def acknowledged(self) -> set[int]:
        """The numbers of the messages that the broker acknowledged."""
        return {number for number, sent in enumerate(self._sent) if sent.is_published()}

    @staticmethod
    def message(number: int) -> tuple[str, int, dict[str, float]]:
        """Return device, time and values of a message; each message is another (device, time)."""
        values = {key: round(number * 1.25 + place, 3) for place, key in enumerate(KEYS)}
        return DEVICES[number % len(DEVICES)], BASE + number, values

    def _run(self) -> None:
        while not self._stop.is_set():
            device, at, values = self.message(len(self._sent))
            text = json.dumps({"d": device, "ts": at, "v": values})
            self._sent.append(self._client.publish(f"plant/{device}/data", text, qos=1))
            time.sleep(self._pause)

    def stop(self) -> None:
        """Stop publishing and wait for the last acknowledgements."""
        self._stop.set()
        self._thread.join()
        deadline = time.monotonic() + 90
        while len(self.acknowledged) < len(self._sent) and time.monotonic() < deadline:
            time.sleep(0.1)
        self._client.disconnect()
        self._client.loop_stop()


def registers(clock: int, meter: int) -> dict[int, list[int]]:
    """Return a meter's registers at a time of its clock; the 64-bit one has its words swapped."""
    words = struct.unpack(">4H", struct.pack(">q", (clock - BASE) * 1000 + meter))
    return {
        CLOCK: list(struct.unpack(">2H", struct.pack(">I", clock))),
        0x0A: list(struct.unpack(">2H", struct.pack(">I", (clock - BASE) * 7 + meter))),
        0x20: list(words[::-1]),
    }


@contextmanager
def meters(port: int, seconds_per_step: float = 0.2) -> Iterator[None]:
    """Serve meters whose clocks jump together by five minutes every so often."""
    started = time.monotonic()

    def clock() -> int:
        return BASE + STEP_SECONDS * int((time.monotonic() - started) / seconds_per_step)

    async def on_read(
        meter: int, _function: int, first: int, _address: int, _count: int, held: list[int], _written: object
    ) -> ExcCodes | None:
        for place, words in registers(clock(), meter).items():
            held[place - first : place - first + len(words)] = words
        return None

    async def serve(ready: threading.Event, stop: asyncio.Event) -> None:
        devices = [
            SimDevice(
                id=meter,
                simdata=[
                    SimData(place, values=words, datatype=DataType.REGISTERS)
                    for place, words in sorted(registers(BASE, meter).items())
                ],
                action=partial(on_read, meter),
            )
            for meter in METERS
        ]
        server = ModbusTcpServer(devices, address=("127.0.0.1", port))
        await server.serve_forever(background=True)
        ready.set()
        await stop.wait()
        await server.shutdown()

    ready, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(ready, stop)))
    thread.start()
    try:
        assert ready.wait(20)
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()
