"""The steel mill's gateways: an MQTT broker, and a client that publishes one JSON message per gateway at QoS 1."""

import json
import logging
from datetime import datetime
from typing import Any

from amqtt.broker import Broker
from amqtt.client import MQTTClient

from examples.reference_park.plant import planted
from examples.reference_park.plant.day import LOCAL, Day, Reading

SOURCE = "steel_mqtt"
PLUGINS: dict[str, Any] = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


def gateway_of(device: str) -> str:
    """Return the gateway that a device of the steel mill hangs on."""
    kind = device.removeprefix("stl_").removeprefix("e_").split("_")[0]
    if kind in ("eaf", "lf", "vd", "caster", "dedust", "coke", "anthracite", "lime", "scrap", "billet", "oxygen"):
        return "melt"
    return "rolling" if kind in ("bar", "reheat") else "utility"


def messages(readings: list[Reading]) -> list[tuple[str, bytes]]:
    """Return (topic, payload) of one quarter hour."""
    gateways: dict[str, dict[str, dict[str, Any]]] = {}
    for reading in readings:
        device, key = reading.address.split("/")
        devices = gateways.setdefault(gateway_of(device), {})
        content = devices.setdefault(device, {"dev": device, "ts": int(reading.at.timestamp() * 1000), "values": {}})
        content["values"][key] = float(reading.value)
    return [
        (f"park/steel/{name}/telemetry", json.dumps({"gw": name, "devs": list(devices.values())}).encode())
        for name, devices in sorted(gateways.items())
    ]


def bad_messages(day: Day, quarter: int) -> list[tuple[str, bytes]]:
    """Return what the gateways send in this quarter hour that cannot be right."""
    found = []
    for bad in planted.of(SOURCE, quarter, day.start.date()):
        text = bad.text
        if not text:
            device, key = bad.tag.split("/")
            at = datetime.fromisoformat(bad.at).replace(tzinfo=LOCAL)
            content = {"dev": device, "ts": int(at.timestamp() * 1000), "values": {key: float(bad.value)}}
            text = json.dumps({"gw": "melt", "devs": [content]})
        found.append(("park/steel/melt/telemetry", text.encode()))
    return found


def is_news(record: logging.LogRecord) -> bool:
    """Return whether the broker's trouble is worth a traceback.

    amqtt forgets a message that is not acknowledged within five seconds and calls that a failed task. Ours was
    delivered, is landed, and is acknowledged after its commit, which a busy machine makes later than that.
    """
    trouble = record.exc_info[1] if record.exc_info else None
    return not (isinstance(trouble, TimeoutError) and "PUBACK" in str(trouble))


class Gateways:
    """The broker and the publishing client."""

    def __init__(self, day: Day) -> None:
        """Remember the day; nothing listens yet."""
        self._day = day

    async def start(self, port: int) -> None:
        """Start the broker on the loopback and connect the gateways' client to it."""
        listener = {"type": "tcp", "bind": f"127.0.0.1:{port}"}
        logging.getLogger("amqtt.broker").addFilter(is_news)
        self._broker = Broker({"listeners": {"default": listener}, "plugins": PLUGINS})
        await self._broker.start()
        self._client = MQTTClient(client_id="steel-gateways", config={"auto_reconnect": False})
        await self._client.connect(f"mqtt://127.0.0.1:{port}/")

    async def stop(self) -> None:
        """Disconnect the client and close the broker."""
        await self._client.disconnect()
        await self._broker.shutdown()

    @property
    def has_subscriber(self) -> bool:
        """Whether somebody listens to the gateways."""
        return any(topic.startswith(("park/", "#")) for topic in self._broker.subscriptions)

    async def publish(self, quarter: int) -> None:
        """Publish a quarter hour; returns when the broker has acknowledged every message."""
        for topic, payload in messages(self._day.at(SOURCE, quarter)) + bad_messages(self._day, quarter):
            await self._client.publish(topic, payload, qos=1)
