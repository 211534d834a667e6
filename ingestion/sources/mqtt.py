"""MQTT: gateways publish JSON, a mapping says what it means, a message is acknowledged after its commit.

The session is persistent and QoS is 1: what is published while we are away waits in the broker, and what was not
acknowledged comes again, marked as a duplicate. Both are left out on landing where the lake has them already.
"""

import base64
import json
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingestion import admit
from ingestion.mapping import Columns, Document, DocumentError, JsonMapping
from ingestion.source import Context, now
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceShapeError
from lake.schemas import READING, REFUSED
from lake.schemas import UTC as INSTANT

_WEEK = 7 * 24 * 3600


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
        try:
            facts["payload"] = self.payload.decode()
        except UnicodeDecodeError:
            facts["base64"] = base64.b64encode(self.payload).decode()
        return json.dumps(facts, ensure_ascii=False)


class Mqtt:
    """One broker and its topics."""

    batch_size = 1000
    is_held_back = True

    def __init__(self, context: Context) -> None:
        """Read the settings; nothing is connected yet."""
        settings = context.settings
        self._context = context
        self.batch_seconds = context.batch_seconds()
        self._mapping = JsonMapping(context.mapping())
        self._clock = Clock(zone=context.zone(), unit=context.mapping().get("time_unit") or "iso")
        self._has_time = bool(context.mapping().get("time") or (context.mapping().get("item") or {}).get("time"))
        self._topics = [str(topic) for topic in settings["topics"]]
        self._qos = min(int(settings.get("qos", 1)), 1)  # QoS 2 would acknowledge before the commit
        self._connection = 0
        self._guard = threading.Lock()
        self._last_arrival = datetime.min.replace(tzinfo=UTC)
        self._client = _client(settings, context.source)

    def listen(
        self, deliver: Callable[[Message], None], say: Callable[[str | None], None], stop: threading.Event
    ) -> None:
        """Stay connected and subscribed until told to stop; a full inbox makes the broker wait."""
        client, host, port = self._client, *_address(self._context)
        source = self._context.source

        def on_connect(_c: object, _u: object, _f: object, reason: ReasonCode, _p: object) -> None:
            if reason.is_failure:
                say(f"source {source}: the broker {host}:{port} refuses us ({reason})")
                return
            say(None)
            client.subscribe([(topic, self._qos) for topic in self._topics])

        def on_disconnect(_c: object, _u: object, _f: object, reason: ReasonCode, _p: object) -> None:
            with self._guard:
                self._connection += 1
            client.reconnect_delay_set(random.randint(1, 3), 30)  # noqa: S311 - jitter, not a secret
            if not stop.is_set():
                say(f"source {source}: the broker {host}:{port} is gone ({reason}); reconnecting")

        def on_message(_c: object, _u: object, message: paho.MQTTMessage) -> None:
            deliver(self._message(message))

        client.on_connect, client.on_disconnect, client.on_message = on_connect, on_disconnect, on_message
        client.on_connect_fail = lambda _c, _u: say(f"source {source}: no broker at {host}:{port}; trying again")
        client.reconnect_delay_set(random.randint(1, 3), 30)  # noqa: S311 - jitter, not a secret
        client.connect_async(host, port, keepalive=60, **_session(self._context.settings))
        client.loop_start()
        stop.wait()

    def close(self) -> None:
        """Leave the broker, after what was landed has been acknowledged; the session stays."""
        self._client.disconnect()
        self._client.loop_stop()

    def batch(self, arrivals: Sequence[Message]) -> Batch:
        """Return the messages as one batch: the lines of the payload are the messages in order of arrival."""
        columns, refused = Columns(), []
        for number, message in enumerate(arrivals):
            try:
                self._mapping.gather(number, Document(message.payload, message.topic), columns)
            except DocumentError as trouble:
                refused.append(_refusal(number, message, trouble))
        admitted = self._admitted(columns, arrivals)
        misfits = pa.Table.from_pylist(refused, REFUSED.append(pa.field("replayed", pa.bool_())))
        return Batch(
            source=self._context.source,
            origin=",".join(self._topics),
            payload="\n".join([*(message.record() for message in arrivals), ""]).encode(),
            suffix=".jsonl",
            received_at=arrivals[-1].arrived_at,
            readings=admitted.readings,
            refused=pa.concat_tables([admitted.refused, misfits], promote_options="default"),
            decimals=self._context.decimals,
        )

    def acknowledge(self, arrivals: Sequence[Message]) -> None:
        """Acknowledge what came by the connection that still stands; the rest will come again."""
        with self._guard:
            for message in arrivals:
                if message.connection == self._connection and message.qos:
                    self._client.ack(message.mid, message.qos)

    def _message(self, message: paho.MQTTMessage) -> Message:
        # Knowledge times follow the order of arrival even where the clock ticks too slowly or is set back.
        arrived_at = max(now(), self._last_arrival + timedelta(microseconds=1))
        self._last_arrival = arrived_at
        return Message(
            topic=message.topic,
            payload=bytes(message.payload),
            arrived_at=arrived_at,
            mid=message.mid,
            qos=message.qos,
            is_duplicate=bool(message.dup),
            connection=self._connection,
        )

    def _admitted(self, columns: Columns, arrivals: Sequence[Message]) -> admit.Admitted:
        table = self._mapping.table(columns)
        if table.num_rows == 0:
            return admit.Admitted(READING.empty_table(), REFUSED.empty_table())
        numbers = table.column("document").to_numpy()
        stamps = pa.array([message.arrived_at for message in arrivals], INSTANT)
        duplicates = pa.array([message.is_duplicate for message in arrivals])
        taken = pa.array(numbers)
        rows = table.append_column("arrived_at", stamps.take(taken)).append_column("replayed", duplicates.take(taken))
        if not self._has_time:
            rows = rows.set_column(rows.column_names.index("time"), "time", stamps.take(taken))

        def verbatim(positions: list[int]) -> list[str]:
            return [arrivals[int(numbers[position])].record() for position in positions]

        context = self._context
        return admit.admit(rows, context.points, context.rules(self._clock), arrivals[-1].arrived_at, verbatim)


def _refusal(number: int, message: Message, trouble: DocumentError) -> dict[str, object]:
    return {
        "position": number,
        "reason_code": "bad_payload",
        "reason": f"topic {message.topic}: {trouble}",
        "payload": message.record(),
        "replayed": message.is_duplicate,
    }


def _address(context: Context) -> tuple[str, int]:
    parts = urlsplit(str(context.settings["url"]))
    if parts.hostname is None:
        raise SourceShapeError(f"source {context.source}: its url has no host; write mqtt://host:1883")
    return parts.hostname, parts.port or (8883 if parts.scheme == "mqtts" else 1883)


def _client(settings: Mapping[str, Any], source: str) -> paho.Client:
    is_five = int(settings.get("version", 3)) == 5
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=str(settings.get("client_id") or f"nengtan-{source}"),
        clean_session=None if is_five else False,
        protocol=paho.MQTTv5 if is_five else paho.MQTTv311,
        manual_ack=True,
    )
    if settings.get("username"):
        client.username_pw_set(str(settings["username"]), settings.get("password"))
    if str(settings["url"]).startswith("mqtts:"):
        client.tls_set(ca_certs=settings.get("ca_file"))
    return client


def _session(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a version 5 session outlive the connection; version 3 says it when the client is made."""
    if int(settings.get("version", 3)) != 5:
        return {}
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = _WEEK
    return {"clean_start": False, "properties": properties}
