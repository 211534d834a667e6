"""The log of accesses: who asked for what, when and from where, and what was handed out; only added to, chained."""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from lake import sqlitefile

_NOTHING = "0" * 64
_KEPT = ("at", "client_id", "party_kind", "party_id", "address", "act", "subject", "status", "records")
_LONGEST = 2000


@dataclass(frozen=True)
class Access:
    """One request: nobody's where no client was known."""

    address: str
    act: str
    subject: str
    status: int
    records: Sequence[str] = ()
    client_id: str | None = None
    party_kind: str | None = None
    party_id: str | None = None


def note(connection: sqlite3.Connection, access: Access) -> None:
    """Add a line; who calls commits it before anything is answered."""
    last = connection.execute("select hash from access order by number desc limit 1").fetchone()
    told = {
        **{name: getattr(access, name) for name in _KEPT if name not in ("at", "records")},
        "at": sqlitefile.now(),
        "subject": access.subject[:_LONGEST],
        "records": json.dumps(list(access.records)),
    }
    line = {name: told[name] for name in _KEPT}
    digest = _hash(last["hash"] if last else _NOTHING, line)
    connection.execute(
        f"insert into access ({', '.join(_KEPT)}, hash) values ({', '.join('?' * len(_KEPT))}, ?)",
        (*line.values(), digest),
    )


def lines(connection: sqlite3.Connection, party_id: str | None, most: int) -> list[sqlite3.Row]:
    """Return the latest lines in their order, of all or of one party."""
    found = connection.execute(
        "select * from (select * from access where ? is null or party_id = ? order by number desc limit ?) "
        "order by number",
        (party_id, party_id, most),
    )
    return found.fetchall()


def broken_at(connection: sqlite3.Connection) -> int | None:
    """Return the number of the first line that does not follow from those before it; None where all do."""
    before = _NOTHING
    for place, row in enumerate(connection.execute("select * from access order by number"), start=1):
        if row["number"] != place or row["hash"] != _hash(before, {name: row[name] for name in _KEPT}):
            return place
        before = row["hash"]
    return None


def _hash(before: str, line: dict[str, object]) -> str:
    return hashlib.sha256(f"{before}\n{json.dumps(line, sort_keys=True)}".encode()).hexdigest()
