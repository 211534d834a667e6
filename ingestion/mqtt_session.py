"""A connection to a broker: version 3 and 5, TLS, reconnecting with jitter, acknowledgement after the commit."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingestion.arriving import ArrivalClock, as_line
from ingestion.source import Context
from lake.errors import SourceShapeError

_WEEK = 7 * 24 * 3600
Say = Callable[[str | None], None]


@dataclass(frozen=True)
class Message:
    """One PUBLISH; `connection` numbers the connection it came by, because only that one may acknowledge it."""

    topic: str
    payload: bytes
    arrived_at: datetime
    mid: int
    qos: int
    is_duplicate: bool
    connection: int

    @property
    def size_bytes(self) -> int:
        """Return about how much memory it takes."""
        return len(self.payload) + 500

    def record(self) -> str:
        """Return the verbatim message as a line of the payload."""
        facts: dict[str, Any] = {"topic": self.topic, "arrived_at": self.arrived_at.isoformat()}
        if self.is_duplicate:
            facts["dup"] = True
        return as_line(facts, "payload", self.payload)


class Session:
    """One broker. `is_clean` asks for nothing that was published while we were away."""

    def __init__(self, context: Context, *, is_clean: bool = False) -> None:
        """Read the settings; nothing is connected yet."""
        self._context = context
        self._host, self._port = _address(context)
        self._is_five = int(context.settings.get("version", 3)) == 5
        self._is_clean = is_clean
        self._clock = ArrivalClock()
        self._connection = 0
        self._guard = threading.Lock()
        self._client = self._made()

    def listen(
        self, topics: Sequence[tuple[str, int]], deliver: Callable[[Message], None], say: Say, stop: threading.Event
    ) -> None:
        """Stay connected and subscribed until told to stop; a `deliver` that blocks makes the broker wait."""
        client, source, where = self._client, self._context.source, f"{self._host}:{self._port}"

        def on_connect(_c: object, _u: object, _f: object, reason: ReasonCode, _p: object) -> None:
            if reason.is_failure:
                say(f"source {source}: the broker {where} refuses us ({reason})")
                return
            say(None)
            client.subscribe(list(topics))
            self.connected()

        def on_disconnect(_c: object, _u: object, _f: object, reason: ReasonCode, _p: object) -> None:
            with self._guard:
                self._connection += 1
            self._before()
            if not stop.is_set():
                say(f"source {source}: the broker {where} is gone ({reason}); reconnecting")

        def on_connect_fail(_c: object, _u: object) -> None:
            self._before()
            say(f"source {source}: no broker at {where}; trying again")

        client.on_connect, client.on_disconnect, client.on_connect_fail = on_connect, on_disconnect, on_connect_fail
        client.on_message = lambda _c, _u, message: deliver(self._message(message))
        self._before()
        client.connect_async(self._host, self._port, keepalive=60, **self._lasting())
        client.loop_start()
        stop.wait()

    def connected(self) -> None:
        """Called after subscribing, on each connection; for a protocol that announces itself."""

    def connecting(self) -> None:
        """Called before each attempt to connect; the will can be set here."""

    def will(self, topic: str, payload: str) -> None:
        """Set what the broker keeps and tells others once we are gone."""
        self._client.will_set(topic, payload, qos=1, retain=True)

    def publish(self, topic: str, payload: bytes | str, qos: int = 0, *, retain: bool = False) -> None:
        """Publish; what cannot be sent now is sent on the next connection."""
        self._client.publish(topic, payload, qos, retain)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Acknowledge what came by the connection that still stands; the rest will come again."""
        with self._guard:
            for message in messages:
                if message.connection == self._connection and message.qos:
                    self._client.ack(message.mid, message.qos)

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _before(self) -> None:
        self._client.reconnect_delay_set(random.randint(1, 3), 30)  # noqa: S311 - jitter, not a secret
        self.connecting()

    def _message(self, message: paho.MQTTMessage) -> Message:
        return Message(
            topic=message.topic,
            payload=bytes(message.payload),
            arrived_at=self._clock.tick(),
            mid=message.mid,
            qos=message.qos,
            is_duplicate=bool(message.dup),
            connection=self._connection,
        )

    def _made(self) -> paho.Client:
        settings = self._context.settings
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=str(settings.get("client_id") or f"nengtan-{self._context.source}"),
            clean_session=None if self._is_five else self._is_clean,
            protocol=paho.MQTTv5 if self._is_five else paho.MQTTv311,
            manual_ack=True,
        )
        if settings.get("username"):
            client.username_pw_set(str(settings["username"]), settings.get("password"))
        if str(settings["url"]).startswith("mqtts:"):
            files = {name: self._file(name) for name in ("ca_file", "cert_file", "key_file")}
            try:
                client.tls_set(ca_certs=files["ca_file"], certfile=files["cert_file"], keyfile=files["key_file"])
            except (OSError, ValueError) as cause:
                raise SourceShapeError(
                    f"source {self._context.source}: its certificates cannot be used ({cause})"
                ) from cause
        return client

    def _file(self, name: str) -> str | None:
        given = self._context.settings.get(name)
        return str(self._context.folder / str(given)) if given else None

    def _lasting(self) -> dict[str, Any]:
        """Return what makes a version 5 session outlive the connection; version 3 says it when the client is made."""
        if not self._is_five:
            return {}
        if self._is_clean:
            return {"clean_start": True}
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = _WEEK
        return {"clean_start": False, "properties": properties}


def _address(context: Context) -> tuple[str, int]:
    parts = urlsplit(str(context.settings["url"]))
    if parts.hostname is None:
        raise SourceShapeError(f"source {context.source}: its url has no host; write mqtt://host:1883")
    return parts.hostname, parts.port or (8883 if parts.scheme == "mqtts" else 1883)
