"""Run the plant's servers on free loopback ports and play the recorded day.

Example: python -m examples.reference_park.plant --data build/reference_park --ready-file build/ready.json
"""

import argparse
import asyncio
import json
import logging
import signal
import socket
import sys
from pathlib import Path

from examples.reference_park.plant import day as recorded
from examples.reference_park.plant import planted
from examples.reference_park.plant.database import Database
from examples.reference_park.plant.dropped import Logger
from examples.reference_park.plant.modbus import Gateway
from examples.reference_park.plant.mqtt import Gateways
from examples.reference_park.plant.replay import Replay
from examples.reference_park.plant.rest import Service


def say(text: str) -> None:
    """Print one line of progress."""
    sys.stderr.write(f"plant: {text}\n")
    sys.stderr.flush()


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


async def serve(data: Path, ready_file: Path, *, played: bool) -> None:
    """Start every server, say where they are, play the day, and serve until told to stop."""
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    day = recorded.load(data)
    planted.write(data, day.start.date())
    modbus, mqtt, rest = Gateway(day, played=played), Gateways(day), Service(day)
    others = (rest, Database(day, data / "live/ems.sqlite"), Logger(day, data / "live/machinery"))
    replay = Replay(day, modbus, mqtt, others)
    if played:
        replay.fast_forward()
    modbus_port, mqtt_port = free_port(), free_port()
    await modbus.start(modbus_port)
    await mqtt.start(mqtt_port)
    addresses = {
        "NENGTAN_PLANT": str(data),
        "NENGTAN_PLANT_MODBUS_PORT": str(modbus_port),
        "NENGTAN_PLANT_MQTT_PORT": str(mqtt_port),
        "NENGTAN_PLANT_REST_PORT": str(await rest.start()),
        "NENGTAN_PLANT_REST_TOKEN": rest.token,
    }
    _announce(addresses, ready_file)
    playing = asyncio.create_task(replay.play(say)) if not played else None
    await stop.wait()
    if playing is not None:
        playing.cancel()
    await rest.stop()
    await mqtt.stop()
    await modbus.stop()


def _announce(addresses: dict[str, str], ready_file: Path) -> None:
    ready_file.parent.mkdir(parents=True, exist_ok=True)
    half = ready_file.with_suffix(".part")
    half.write_text(json.dumps(addresses, indent=2), encoding="utf-8")
    half.replace(ready_file)
    say(f"serving; addresses in {ready_file}")


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that the simulator wrote")
    parser.add_argument("--ready-file", type=Path, required=True, help="JSON of addresses, written when all listen")
    parser.add_argument("--played", action="store_true", help="show the day as already played")
    options = parser.parse_args()
    if not (options.data / "recorded_day.parquet").exists():
        parser.error(f"{options.data} holds no recorded day; run `python -m examples.reference_park.simulate` first")
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(serve(options.data.resolve(), options.ready_file.resolve(), played=options.played))


if __name__ == "__main__":
    main()
