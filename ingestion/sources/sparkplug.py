"""Sparkplug B: we are a host application. Nodes announce themselves, and what is missing is asked for again.

As the specification asks of hosts the session is clean: nodes that name us as their primary host keep their readings
while our STATE is offline and send them with the historical flag; of the others the births say where they stand now.
"""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ingestion import admit
from ingestion.mqtt_session import Message, Session
from ingestion.source import Context, now
from ingestion.sparkplug import PREFIX, Host, Row
from ingestion.sparkplug_payload import rebirth
from ingestion.time import Clock
from lake.batch import Batch
from lake.schemas import READING, REFUSED
from lake.schemas import UTC as INSTANT


@dataclass(frozen=True)
class Arrival:
    """One message and what it says."""

    message: Message
    rows: list[Row]

    @property
    def size_bytes(self) -> int:
        """Return about how much memory it takes."""
        return self.message.size_bytes + 200 * len(self.rows)


class Sparkplug:
    """One broker and the groups of nodes that publish there."""

    batch_size = 1000
    is_held_back = True

    def __init__(self, context: Context) -> None:
        """Read the settings; nothing is connected yet."""
        settings = context.settings
        self._context = context
        self.batch_seconds = context.batch_seconds()
        self._groups = [str(group) for group in settings.get("groups") or ["+"]]
        self._session = _HostSession(context, str(settings.get("host_id") or f"nengtan-{context.source}"))
        self._host = self._session.host

    def listen(
        self, deliver: Callable[[Arrival], None], say: Callable[[str | None], None], stop: threading.Event
    ) -> None:
        """Be the host application until told to stop."""
        told: list[str] | None = None

        def received(message: Message) -> None:
            nonlocal told
            if message.topic == self._session.state:
                self._session.insist(message.payload)
                return
            rows = self._host.take(
                message.topic, message.payload, message.arrived_at, is_duplicate=message.is_duplicate
            )
            deliver(Arrival(message, rows))
            silent = self._host.silent()
            if silent != told:
                told = silent
                names = ", ".join(silent[:10]) + (f" and {len(silent) - 10} more" if len(silent) > 10 else "")
                say(f"source {self._context.source}: no birth, or a death, of {names}" if silent else None)

        topics = [f"{PREFIX}/{group}/#" for group in self._groups]
        self._session.listen([(topic, 1) for topic in [*topics, self._session.state]], received, say, stop)

    def close(self) -> None:
        """Leave the broker, after what was landed has been acknowledged; our STATE says that we are gone."""
        self._session.leave()
        self._session.close()

    def batch(self, arrivals: Sequence[Arrival]) -> Batch:
        """Return the messages as one batch: the lines of the payload are the messages in order of arrival."""
        rows: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for line, arrival in enumerate(arrivals):
            for row in arrival.rows:
                (refused if row.reason else rows).append(_received(line, arrival.message, row))
        misfits = pa.Table.from_pylist(refused, REFUSED.append(pa.field("replayed", pa.bool_())))
        admitted = self._admitted(rows, arrivals)
        return Batch(
            source=self._context.source,
            origin=",".join(self._groups),
            payload="\n".join([*(arrival.message.record() for arrival in arrivals), ""]).encode(),
            suffix=".jsonl",
            received_at=arrivals[-1].message.arrived_at,
            readings=admitted.readings,
            refused=pa.concat_tables([admitted.refused, misfits], promote_options="default"),
            decimals=self._context.decimals,
        )

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Acknowledge what was sent with QoS 1."""
        self._session.acknowledge([arrival.message for arrival in arrivals])

    def _admitted(self, rows: list[dict[str, Any]], arrivals: Sequence[Arrival]) -> admit.Admitted:
        if not rows:
            return admit.Admitted(READING.empty_table(), REFUSED.empty_table())
        texts = {name: pa.string() for name in ("address", "time", "value", "status")}
        kinds = {"position": pa.int64(), **texts, "arrived_at": INSTANT, "replayed": pa.bool_()}
        return admit.admit(
            pa.Table.from_pylist(rows, pa.schema(kinds)),
            self._context.points,
            self._context.rules(Clock(unit="ms")),
            arrivals[-1].message.arrived_at,
            lambda lines: [arrivals[line].message.record() for line in lines],
        )


class _HostSession(Session):
    """The session of a host application: its STATE, and the commands that it gives."""

    def __init__(self, context: Context, host_id: str) -> None:
        super().__init__(context, is_clean=True)
        self.state = f"{PREFIX}/STATE/{host_id}"
        self.host = Host(context.points.addresses(), self._ask)
        self._since_ms = 0

    def connecting(self) -> None:
        """Leave with the broker what it says of us once we are gone."""
        self._since_ms = _now_ms()
        self.will(self.state, self._words(is_online=False))

    def connected(self) -> None:
        """Say that we are here, and ask for what was said before."""
        self.publish(self.state, self._words(is_online=True), qos=1, retain=True)
        self.host.begin(now())

    def insist(self, told: bytes) -> None:
        """Say that we are here where the broker still says otherwise, as the will of an earlier session does."""
        try:
            state = json.loads(told)
        except ValueError:
            state = None
        if not isinstance(state, dict) or state.get("online") is not True:
            self.publish(self.state, self._words(is_online=True), qos=1, retain=True)

    def leave(self) -> None:
        """Say that we are gone: after an orderly end the broker does not."""
        self._since_ms = _now_ms()
        self.publish(self.state, self._words(is_online=False), qos=1, retain=True)

    def _words(self, *, is_online: bool) -> str:
        return json.dumps({"online": is_online, "timestamp": self._since_ms})

    def _ask(self, group: str, node: str) -> None:
        self.publish(f"{PREFIX}/{group}/NCMD/{node}", rebirth(_now_ms()))


def _received(line: int, message: Message, row: Row) -> dict[str, Any]:
    """Return a row as the admission, or where it is refused the quarantine, takes it."""
    if row.reason:
        told = {"position": line, "reason_code": row.code, "reason": row.reason, "payload": message.record()}
        return {**told, "replayed": message.is_duplicate}
    return {
        "position": line,
        "address": row.address,
        "time": str(row.at_ms),
        "value": row.text,
        "status": row.status,
        "arrived_at": message.arrived_at,
        "replayed": message.is_duplicate,
    }


def _now_ms() -> int:
    return int(now().timestamp() * 1000)
