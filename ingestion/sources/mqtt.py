"""MQTT: gateways publish JSON, a mapping says what it means, a message is acknowledged after its commit.

The session is persistent and QoS is 1: what is published while we are away waits in the broker, and what was not
acknowledged comes again, marked as a duplicate. Both are left out on landing where the lake has them already.
"""

import threading
from collections.abc import Callable, Sequence

import pyarrow as pa

from ingestion import admit
from ingestion.mapping import Columns, Document, DocumentError, JsonMapping
from ingestion.mqtt_session import Message, Session
from ingestion.source import Context
from ingestion.time import Clock
from lake.batch import Batch
from lake.schemas import READING, REFUSED
from lake.schemas import UTC as INSTANT


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
        self._session = Session(context)

    def listen(
        self, deliver: Callable[[Message], None], say: Callable[[str | None], None], stop: threading.Event
    ) -> None:
        """Stay connected and subscribed until told to stop; a full inbox makes the broker wait."""
        self._session.listen([(topic, self._qos) for topic in self._topics], deliver, say, stop)

    def close(self) -> None:
        """Leave the broker, after what was landed has been acknowledged; the session stays."""
        self._session.close()

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
        self._session.acknowledge(arrivals)

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
