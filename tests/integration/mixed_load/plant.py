"""The site of the mixed load, and its peers as processes that can be stopped, frozen and started again."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration import live_site, peers
from tests.integration.mixed_load import hj212_stations, modbus_gateways, mqtt_gateway
from tests.integration.node_peer import MODULES, SCRIPTS


@dataclass(frozen=True)
class Load:
    """How much arrives; the defaults are those of the claim."""

    gateways: int = 20
    meters: int = 25
    poll_seconds: float = 10
    mqtt_points_a_minute: int = 5000
    stations: int = 50
    station_seconds: float = 60
    counters: int = 20


@dataclass
class Plant:
    """Where everything is."""

    folder: Path
    load: Load
    broker_port: int = field(default_factory=peers.free_port)
    hj212_port: int = field(default_factory=peers.free_port)
    opcua_port: int = field(default_factory=peers.free_port)

    def __post_init__(self) -> None:
        self.modbus_ports = [peers.free_port() for _ in range(self.load.gateways)]
        self.site, self.lake = self.folder / "site", self.folder / "lake"

    def journal(self, peer: str) -> Path:
        """Return the journal of a peer."""
        return self.folder / f"{peer}.journal"

    def write_site(self) -> None:
        """Write the site folder: each gateway of meters is a source of its own."""
        live_site.write(self.site, 1, 2)
        sources = {
            "gateway": {
                "kind": "mqtt",
                "url": f"mqtt://127.0.0.1:{self.broker_port}",
                "topics": ["plant/+/data"],
                "mapping": {"device": "$.d", "time": "$.ts", "time_unit": "s", "values": "$.v"},
            },
            "stacks": {
                "kind": "hj212",
                "listen": f"tcp://127.0.0.1:{self.hj212_port}",
                "timezone": "Asia/Shanghai",
                "minute_interval": 10,
            },
            "line": {"kind": "opcua", "url": f"opc.tcp://127.0.0.1:{self.opcua_port}", "security": "none"},
            **{
                f"meters_{number}": {
                    "kind": "modbus",
                    "url": f"tcp://127.0.0.1:{port}",
                    "poll_seconds": self.load.poll_seconds,
                }
                for number, port in enumerate(self.modbus_ports)
            },
        }
        (self.site / "sources.yaml").write_text(json.dumps({"sources": sources}), encoding="utf-8")
        (self.site / "allocations.csv").write_text("energy_unit_id,carrier,point_id\n", encoding="utf-8")
        with (self.site / "points.csv").open("w", newline="", encoding="utf-8") as file:
            header = ["point_id", "meter_id", "quantity", "kind", "unit", "source", "address"]
            csv.writer(file).writerows([header, *self._points()])

    def _points(self) -> Iterator[Sequence[str]]:
        energy = ("m", "active_energy_import", "register", "kWh")
        for device in range(mqtt_gateway.DEVICES):
            for key in range(mqtt_gateway.KEYS):
                yield f"d{device}_k{key}", *energy, "gateway", f"d{device}/k{key}"
        for station in range(self.load.stations):
            for factor in hj212_stations.FACTORS:
                address = f"S{station:03d}/2051/{factor}-Avg"
                yield f"s{station:03d}_{factor}", "m", "concentration", "state", "mg_per_m3", "stacks", address
        for counter in range(self.load.counters):
            yield f"c{counter}", *energy, "line", f"nsu=urn:works:line;s=C{counter}"
        for gateway in range(self.load.gateways):
            for meter in range(1, self.load.meters + 1):
                for place in range(modbus_gateways.REGISTERS):
                    yield f"g{gateway}_m{meter}_r{place}", *energy, f"meters_{gateway}", f"{meter}:3:{place}:uint16"


class Peer:
    """A process that answers the collector; started again it goes on where it was."""

    def __init__(self, name: str, command: Sequence[object], ports: Sequence[int] = ()) -> None:
        self.name = name
        self._command = [str(word) for word in command]
        self._ports = ports
        self.start()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        environment = {**os.environ, "NODE_PATH": str(MODULES)}
        self.process = subprocess.Popen(
            self._command, cwd=live_site.ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for port in self._ports:
            peers.wait_for(port)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, and wait until it is gone."""
        self.send(signal.SIGCONT)
        self.send(number)
        self.process.wait(120)


@contextmanager
def running_peers(plant: Plant) -> Iterator[dict[str, Peer]]:
    """Run all the peers, the senders last."""
    module = "tests.integration.mixed_load."
    shipped = (live_site.ROOT / "scripts/mosquitto.conf").read_text("utf-8")
    own = shipped.replace("listener 1883", f"listener {plant.broker_port}")
    (plant.folder / "mosquitto.conf").write_text(f"{own}\npersistence_location {plant.folder}/\nuser root\n", "utf-8")
    load, python = plant.load, [sys.executable, "-m"]
    commands: dict[str, tuple[Sequence[object], Sequence[int]]] = {
        "broker": ([peers.program("mosquitto"), "-c", plant.folder / "mosquitto.conf"], [plant.broker_port]),
        "meters": (
            [*python, module + "modbus_gateways", plant.journal("meters"), load.meters, *plant.modbus_ports],
            plant.modbus_ports,
        ),
        "line": (
            [
                *("node", SCRIPTS / "opcua_counters.js", plant.opcua_port, plant.folder),
                *(plant.journal("line"), load.counters),
            ],
            [plant.opcua_port],
        ),
        "gateway": (
            [*python, module + "mqtt_gateway", plant.journal("gateway"), plant.broker_port, load.mqtt_points_a_minute],
            [],
        ),
        "stacks": (
            [
                *python, module + "hj212_stations", plant.journal("stacks"), plant.hj212_port, load.stations,
                load.station_seconds,
            ],
            [],
        ),
    }  # fmt: skip
    found: dict[str, Peer] = {}
    try:
        for name, (command, ports) in commands.items():
            found[name] = Peer(name, command, ports)
        yield found
    finally:
        for peer in found.values():
            peer.process.kill()
            peer.process.wait(60)


@contextmanager
def collector(plant: Plant) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the one collector, in a process of its own."""
    command = [sys.executable, "-m", "pipelines.cli.main", "collect", str(plant.site), "--lake", str(plant.lake)]
    with (plant.folder / "collector.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=live_site.ROOT, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait(60)
