"""The audit log: who did what, when and from where; only added to, each line chained to the one before by its hash."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from lake.chained import ChainedLog
from lake.sqlitefile import now
from lake.trail.act import CHANGE, DONE, ENTRY, READ, REFUSED, Act

LOG = ChainedLog("audit", ("at", "person_id", "address", "act", "organization_id", "subject", "detail"))
#: Acts by which somebody comes in, goes, or is kept out.
_REFUSALS = ("login_failed", "second_factor_failed")
_ENTRIES = (*_REFUSALS, "login", "logout", "second_factor_given", "recovery_code_given", "signed_on")
#: What begins the name of an act that only reads.
READING = "read_"


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
    told = (now(), who.person_id, who.address, act, about.organization_id, about.subject, about.detail)
    LOG.add(connection, dict(zip(LOG.kept, told, strict=True)))


def broken_at(connection: sqlite3.Connection) -> int | None:
    """Return the number of the first line that does not follow from those before it; None where all do."""
    return LOG.broken_at(connection)


def shaped(line: dict[str, Any]) -> Act:
    """Return a line as the audit trail of all doors has it."""
    act = str(line["act"])
    effect = READ if act.startswith(READING) else ENTRY if act in _ENTRIES else CHANGE
    return Act(
        door="portal",
        effect=effect,
        act=act,
        actor=line["person_id"],
        address=line["address"] or None,
        organization_id=line["organization_id"],
        subject=line["subject"] or None,
        detail=line["detail"] or None,
        outcome=REFUSED if act in _REFUSALS else DONE,
    )
