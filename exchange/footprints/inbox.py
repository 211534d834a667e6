"""Events that partners posted to our host: kept before they are acknowledged, looked at once each, in their order."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

#: After so many attempts an event that cannot be handled is put aside, with the reason.
MOST_ATTEMPTS = 12
_FIRST_SECONDS, _MOST_SECONDS = 15.0, 6 * 3600.0


@dataclass(frozen=True)
class Event:
    """One event that waits; `data` is what it is about, `body` the event as it came."""

    client_id: str
    event_id: str
    pact_version: int
    type: str
    body: str
    attempts: int

    @property
    def data(self) -> Mapping[str, Any]:
        """What the event is about; empty where that is no object."""
        found = json.loads(self.body).get("data")
        return found if isinstance(found, dict) else {}


def receive(  # noqa: PLR0913, PLR0917 - what an event is, and who posted it when
    connection: sqlite3.Connection,
    client_id: str,
    version: int,
    event: Mapping[str, Any],
    received_at: datetime,
    body: str | None = None,
) -> bool:
    """Keep an event of a client that was let in; False where that client sent it before.

    The caller checked the token, the shape of the event and its source; `body` is the event as it was posted. Two
    clients may use one event id.
    """
    kept = connection.execute(
        "insert into event_in (client_id, event_id, pact_version, type, source, body, received_at)"
        " values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
        (
            client_id,
            str(event["id"]),
            version,
            str(event["type"]),
            str(event["source"]),
            body if body is not None else json.dumps(event, ensure_ascii=False, default=str),
            received_at.astimezone(UTC).isoformat(timespec="microseconds"),
        ),
    )
    return kept.rowcount == 1


def due(connection: sqlite3.Connection, now: float, most: int = 200) -> list[Event]:
    """Return the events that wait and may be looked at now, in the order in which they came."""
    rows = connection.execute(
        "select client_id, event_id, pact_version, type, body, attempts from event_in"
        " where handled_at is null and next_at <= ? order by received_at, rowid limit ?",
        (now, most),
    )
    return [Event(*row) for row in rows]


def settle(connection: sqlite3.Connection, event: Event, outcome: str, at: str) -> None:
    """Note what came of an event."""
    connection.execute(
        "update event_in set handled_at = ?, outcome = ?, attempts = attempts + 1 where client_id = ? and event_id = ?",
        (at, outcome, event.client_id, event.event_id),
    )


def postpone(connection: sqlite3.Connection, event: Event, why: str, now: float, at: str) -> None:
    """Let an event wait longer each time, because a host was away; put it aside after the last attempt."""
    if event.attempts + 1 >= MOST_ATTEMPTS:
        return settle(connection, event, f"given up: {why}", at)
    connection.execute(
        "update event_in set attempts = attempts + 1, outcome = ?, next_at = ? where client_id = ? and event_id = ?",
        (why, now + min(_FIRST_SECONDS * 2.0**event.attempts, _MOST_SECONDS), event.client_id, event.event_id),
    )
    return None
