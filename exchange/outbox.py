"""What has to leave and has not been acknowledged, in a SQLite file: it survives a crash, and keeps every attempt.

A message is told once for each content of its key: where the figures changed, the next revision follows and an
unsent earlier one is superseded. Its idempotency key and its body never change, so that a receiver knows a repetition.
"""

import hashlib
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lake.errors import UplinkError
from lake.sqlitetables import Tables, prepare

WAITING, ACKNOWLEDGED, REFUSED, SUPERSEDED, DEAD = "waiting", "acknowledged", "refused", "superseded", "dead"
_SCHEMA = """
create table if not exists message (
    id integer primary key autoincrement,
    uplink text not null, name text not null, key text not null, revision integer not null,
    content_hash text not null, idempotency_key text not null unique, body text not null, queued_at text not null,
    state text not null default 'waiting', attempts integer not null default 0, next_at real not null default 0,
    settled_at text, answer text,
    unique (uplink, name, key, revision)
) strict;
create index if not exists message_waiting on message (uplink, state, id);
create table if not exists attempt (
    message_id integer not null references message (id), at text not null, outcome text not null, answer text
) strict;
"""


@dataclass(frozen=True)
class Subject:
    """What a message is about: the uplink, the kind of message, and the values of its key."""

    uplink: str
    name: str
    key: str

    def bound(self) -> tuple[str, str, str]:
        """Return the three as a statement binds them."""
        return self.uplink, self.name, self.key


@dataclass(frozen=True)
class Message:
    """One message that waits."""

    id: int
    name: str
    idempotency_key: str
    body: str
    attempts: int
    queued_at: str = ""


@dataclass(frozen=True)
class Standing:
    """How one uplink stands."""

    uplink: str
    counts: dict[str, int]
    oldest_waiting_at: str | None
    last_answer: str | None


class Outbox:
    """The file; one process writes it at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, make it where it is not there."""
        try:
            self._con = sqlite3.connect(path, isolation_level=None)
            self._con.execute("pragma journal_mode = wal")
            self._con.execute("pragma synchronous = full")  # a queued message survives a power cut
            prepare(self._con, Tables("outbox", _SCHEMA), path)
        except sqlite3.Error as cause:
            raise UplinkError(f"the outbox {path} cannot be opened ({cause}); move it away or restore it") from cause

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def put(self, subject: Subject, content: str, body: Callable[[str, int], str], at: str) -> bool:
        """Queue a message where its content is news; `body` is given the idempotency key and the revision."""
        content_hash = _hash(content)
        with self._transaction():
            last = self._con.execute(
                "select content_hash, revision from message where uplink = ? and name = ? and key = ?"
                " order by revision desc limit 1",
                subject.bound(),
            ).fetchone()
            if last and last[0] == content_hash:
                return False
            revision = last[1] + 1 if last else 1
            idempotency_key = _hash("\n".join([*subject.bound(), str(revision), content_hash]))[:32]
            self._con.execute(
                "update message set state = ?, settled_at = ? where uplink = ? and name = ? and key = ? and state = ?",
                (SUPERSEDED, at, *subject.bound(), WAITING),
            )
            self._con.execute(
                "insert into message (uplink, name, key, revision, content_hash, idempotency_key, body, queued_at)"
                " values (?, ?, ?, ?, ?, ?, ?, ?)",
                (*subject.bound(), revision, content_hash, idempotency_key, body(idempotency_key, revision), at),
            )
        return True

    def due(self, uplink: str, now: float) -> list[Message]:
        """Return what may be sent now, in the order in which it was queued."""
        rows = self._con.execute(
            "select id, name, idempotency_key, body, attempts, queued_at from message"
            " where uplink = ? and state = ? and next_at <= ? order by id",
            (uplink, WAITING, now),
        )
        return [Message(*row) for row in rows]

    def next_at(self, uplink: str) -> float | None:
        """Return when the next waiting message may be sent; None where none waits."""
        row = self._con.execute(
            "select min(next_at) from message where uplink = ? and state = ?", (uplink, WAITING)
        ).fetchone()
        found: float | None = row[0]
        return found

    def attempted(self, message: Message, at: str, outcome: str, answer: str, next_at: float | None = None) -> None:
        """Note an attempt; the outcome `waiting` keeps the message until `next_at`."""
        with self._transaction():
            self._con.execute("insert into attempt values (?, ?, ?, ?)", (message.id, at, outcome, answer))
            self._con.execute(
                "update message set state = ?, attempts = attempts + 1, next_at = coalesce(?, next_at), answer = ?,"
                " settled_at = ? where id = ? and state = ?",
                (outcome, next_at, answer, None if outcome == WAITING else at, message.id, WAITING),
            )

    def keys(self, uplink: str, name: str) -> list[str]:
        """Return the keys of everything of a kind that was ever queued for an uplink."""
        rows = self._con.execute("select distinct key from message where uplink = ? and name = ?", (uplink, name))
        return [key for (key,) in rows]

    def again(self, uplink: str) -> int:
        """Let what was refused wait again, and what waits be sent at once; return how many were refused."""
        with self._transaction():
            self._con.execute("update message set next_at = 0 where uplink = ? and state = ?", (uplink, WAITING))
            changed = self._con.execute(
                "update message set state = ?, next_at = 0, settled_at = null where uplink = ? and state = ?"
                " and revision = (select max(revision) from message as later where later.uplink = message.uplink"
                " and later.name = message.name and later.key = message.key)",
                (WAITING, uplink, REFUSED),
            )
        return changed.rowcount

    def standing(self, uplink: str) -> Standing:
        """Return how an uplink stands."""
        counts = dict(
            self._con.execute("select state, count(*) from message where uplink = ? group by state", (uplink,))
        )
        oldest = self._one("select min(queued_at) from message where uplink = ? and state = 'waiting'", uplink)
        last = self._one(
            "select attempt.answer from attempt join message on message.id = message_id where uplink = ?"
            " order by attempt.rowid desc limit 1",
            uplink,
        )
        return Standing(uplink, counts, oldest, last)

    def _one(self, query: str, uplink: str) -> Any:  # noqa: ANN401
        row = self._con.execute(query, (uplink,)).fetchone()
        return row[0] if row else None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._con.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._con.execute("rollback")
            raise
        self._con.execute("commit")


def pause(settings: Mapping[str, Any], attempts: int) -> float:
    """Return the seconds until the next attempt: longer each time, with jitter."""
    first, most = float(settings.get("first_retry_seconds", 5)), float(settings.get("most_retry_seconds", 3600))
    jitter = 1 + random.random() / 4  # noqa: S311 - not a secret
    return min(first * 2.0 ** min(attempts, 30), most) * jitter


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
