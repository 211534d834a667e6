"""The audit log: who did what, when and from where; only added to, each line chained to the one before by its hash."""

import hashlib
import json
import sqlite3
from dataclasses import dataclass

from lake.sqlitefile import now

_NOTHING = "0" * 64
_KEPT = ("at", "person_id", "address", "act", "organization_id", "subject", "detail")


@dataclass(frozen=True)
class Who:
    """Who asks and from where; nobody before signing in."""

    person_id: str | None
    address: str


@dataclass(frozen=True)
class About:
    """What was acted on, and the organisation whose auditors may read of it."""

    subject: str = ""
    detail: str = ""
    organization_id: str | None = None


_NOTHING_MORE = About()


def note(connection: sqlite3.Connection, who: Who, act: str, about: About = _NOTHING_MORE) -> None:
    """Add a line, in the transaction of what it tells of."""
    last = connection.execute("select hash from audit order by number desc limit 1").fetchone()
    line = dict(
        zip(
            _KEPT,
            (now(), who.person_id, who.address, act, about.organization_id, about.subject, about.detail),
            strict=True,
        )
    )
    digest = _hash(last["hash"] if last else _NOTHING, line)
    connection.execute(
        f"insert into audit ({', '.join(_KEPT)}, hash) values ({', '.join('?' * len(_KEPT))}, ?)",
        (*line.values(), digest),
    )


def broken_at(connection: sqlite3.Connection) -> int | None:
    """Return the number of the first line that does not follow from those before it; None where all do."""
    before = _NOTHING
    for place, row in enumerate(connection.execute("select * from audit order by number"), start=1):
        if row["number"] != place or row["hash"] != _hash(before, {name: row[name] for name in _KEPT}):
            return place
        before = row["hash"]
    return None


def _hash(before: str, line: dict[str, str | None]) -> str:
    return hashlib.sha256(f"{before}\n{json.dumps(line, sort_keys=True)}".encode()).hexdigest()
