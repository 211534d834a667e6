"""Links that let a supplier without an account answer: made by people of the buyer, revoked by them, over on a day.

The word of a link is shown once; the register has its hash. It opens the materials of one supplier for one buyer.
"""

import hashlib
import hmac
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ingestion.portal.refusal import Refusal, absent
from lake.sqlitefile import now, stamp

#: How long a link works beyond the day that the answer is due.
GRACE = timedelta(days=60)
_ATTEMPTS, _WITHIN = 50, timedelta(minutes=15)


@dataclass(frozen=True)
class Link:
    """A link that works."""

    number: int
    organization_id: str
    supplier_id: str
    due_on: date
    expires_at: str


def make(connection: sqlite3.Connection, organization_id: str, supplier_id: str, due_on: date, person: str) -> str:
    """Make a link and return its word, which is not kept."""
    word = secrets.token_urlsafe(32)
    expires = datetime(due_on.year, due_on.month, due_on.day, tzinfo=UTC) + GRACE
    connection.execute(
        "insert into supplier_links (token_hash, organization_id, supplier_id, made_by, made_at, due_on, expires_at) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        (_digest(word), organization_id, supplier_id, person, now(), due_on.isoformat(), stamp(expires)),
    )
    return word


def revoke(connection: sqlite3.Connection, number: int, organization_id: str, person: str) -> str:
    """Stop a link of an organisation at once and return its supplier; raises Refusal where there is none."""
    found = connection.execute(
        "update supplier_links set revoked_at = ?, revoked_by = ? where number = ? and organization_id = ? "
        "and revoked_at is null returning supplier_id",
        (now(), person, number, organization_id),
    ).fetchone()
    if found is None:
        raise absent()
    return str(found["supplier_id"])


def opened(connection: sqlite3.Connection, word: str, address: str) -> Link | None:
    """Return the link of a word and count the visit; None where no link that works has it.

    Raises Refusal where an address guessed too often. The caller commits in either case.
    """
    since = stamp(datetime.now(UTC) - _WITHIN)
    guesses = connection.execute(
        "select count(*) from failed_logins where address = ? and at > ?", (_guesser(address), since)
    ).fetchone()[0]
    if guesses >= _ATTEMPTS:
        raise Refusal("locked_out", 429)
    row = connection.execute(
        "update supplier_links set seen_at = ? where token_hash = ? and revoked_at is null and expires_at > ? "
        "returning *",
        (now(), _digest(word), now()),
    ).fetchone()
    if row is None:
        connection.execute("insert into failed_logins values (?, ?)", (_guesser(address), now()))
        return None
    due_on = date.fromisoformat(row["due_on"])
    return Link(row["number"], row["organization_id"], row["supplier_id"], due_on, row["expires_at"])


def of(connection: sqlite3.Connection, organizations: list[str]) -> list[dict[str, object]]:
    """Return the links of organisations, the latest first, with how each stands: open, revoked or over."""
    marks = ", ".join("?" * len(organizations))
    found = connection.execute(
        f"select * from supplier_links where organization_id in ({marks}) order by number desc", organizations
    )
    at = now()
    return [
        {**dict(row), "state": "revoked" if row["revoked_at"] else "over" if row["expires_at"] <= at else "open"}
        for row in found
    ]


def form_word(word: str) -> str:
    """Return what forms behind a link carry: nobody who lacks the link can know it."""
    return hmac.new(word.encode(), b"form", hashlib.sha256).hexdigest()[:32]


def _guesser(address: str) -> str:
    return f"link:{address}"


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
