"""The log of accesses: who asked for what, when and from where, and what was handed out; only added to, chained."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lake import sqlitefile
from lake.chained import ChainedLog
from lake.trail.act import CHANGE, DONE, ENTRY, FAILED, READ, REFUSED, Act

_KEPT = ("at", "client_id", "party_kind", "party_id", "address", "act", "subject", "status", "records")
LOG = ChainedLog("access", _KEPT)
_EFFECTS = {"token": ENTRY, "list": READ, "get": READ, "event": CHANGE}
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
    told = {
        **{name: getattr(access, name) for name in _KEPT if name not in ("at", "records")},
        "at": sqlitefile.now(),
        "subject": access.subject[:_LONGEST],
        "records": json.dumps(list(access.records)),
    }
    LOG.add(connection, told)


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
    return LOG.broken_at(connection)


def shaped(line: dict[str, Any]) -> Act:
    """Return a line as the audit trail of all doors has it; the party is told in front of what was asked for."""
    records = json.loads(line["records"])
    party = f"{line['party_kind']} {line['party_id']}: " if line["party_id"] else ""
    status = int(line["status"])
    return Act(
        door="exchange",
        effect=_EFFECTS.get(line["act"], READ),
        act=line["act"],
        actor=line["client_id"],
        address=line["address"] or None,
        subject=f"{party}{line['subject']}",
        detail=" ".join([str(status), *records]),
        outcome=DONE if status < 400 else FAILED if status >= 500 else REFUSED,
        records_count=len(records),
    )
