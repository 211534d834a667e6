"""Sessions: a random word in a cookie, kept by its hash; idle and old ones end, everybody sees and ends his own."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ingestion.portal.accounts import Policy
from lake.sqlitefile import now, stamp

_LONGEST_BROWSER = 200


@dataclass(frozen=True)
class Session:
    """A signed-in person.

    `is_proven`: a second factor was given, here or to who vouches. `owes_code`: one is kept here and was not given yet.
    """

    person_id: str
    csrf: str
    must_change: bool
    groups: tuple[str, ...] | None = None  # what a provider vouched for; None for who signed in with a password
    is_proven: bool = False
    owes_code: bool = False


@dataclass(frozen=True)
class Place:
    """Where a session was begun: the network address and what the browser calls itself."""

    address: str = ""
    browser: str = ""


_NOWHERE = Place()


@dataclass(frozen=True)
class Open:
    """A session as its owner sees it; `number` names it without telling its word."""

    number: str
    begun_at: str
    seen_at: str
    place: Place
    is_this: bool


def begin(
    connection: sqlite3.Connection,
    person_id: str,
    groups: Sequence[str] | None = None,
    place: Place = _NOWHERE,
    *,
    is_proven: bool = False,
) -> str:
    """Open a session for somebody whose identity is established, by password or by an issuer; return its token.

    `groups` are what an issuer says of the person; None for a password.
    """
    token = secrets.token_urlsafe(32)
    connection.execute(
        "insert into sessions values (?, ?, ?, ?, ?)",
        (digest(token), person_id, secrets.token_urlsafe(24), now(), now()),
    )
    connection.execute(
        "insert into session_facts values (?, ?, ?, ?)",
        (digest(token), place.address, place.browser[:_LONGEST_BROWSER], int(is_proven)),
    )
    connection.execute(
        "insert into last_sign_ins values (?, ?) on conflict (person_id) do update set at = excluded.at",
        (person_id, now()),
    )
    if groups is not None:
        connection.execute("insert into vouched_sessions values (?, ?)", (digest(token), json.dumps(list(groups))))
    return token


def session(connection: sqlite3.Connection, token: str, policy: Policy) -> Session | None:
    """Return the session of a token while it lasts, and count this as a sign of life."""
    at = datetime.now(UTC)
    row = connection.execute(
        "select sessions.*, accounts.must_change, accounts.changed_at, said, coalesce(is_proven, 0) as is_proven, "
        "secret is not null as has_factor from sessions inner join accounts using (person_id) "
        "left join vouched_sessions using (token_hash) left join session_facts using (token_hash) "
        "left join second_factors using (person_id) "
        "where token_hash = ? and seen_at > ? and begun_at > ? and not is_disabled",
        (digest(token), stamp(at - policy.idle), stamp(at - policy.longest)),
    ).fetchone()
    if row is None:
        return None
    connection.execute("update sessions set seen_at = ? where token_hash = ?", (stamp(at), digest(token)))
    is_old = row["changed_at"] < stamp(at - policy.password_age)
    vouched = None if row["said"] is None else tuple(json.loads(row["said"]))
    return Session(
        row["person_id"],
        row["csrf"],
        vouched is None and (bool(row["must_change"]) or is_old),
        vouched,
        bool(row["is_proven"]),
        bool(row["has_factor"]) and not row["is_proven"],
    )


def prove(connection: sqlite3.Connection, token: str) -> None:
    """Keep that the second factor was given in a session."""
    connection.execute(
        "insert into session_facts values (?, '', '', 1) on conflict (token_hash) do update set is_proven = 1",
        (digest(token),),
    )


def of_person(connection: sqlite3.Connection, person_id: str, token: str, policy: Policy) -> list[Open]:
    """Return the sessions of somebody that last, the latest first; `token` is the one that asks."""
    at = datetime.now(UTC)
    rows = connection.execute(
        "select * from sessions left join session_facts using (token_hash) where person_id = ? and seen_at > ? "
        "and begun_at > ? order by seen_at desc",
        (person_id, stamp(at - policy.idle), stamp(at - policy.longest)),
    )
    return [
        Open(
            _number(row["token_hash"]),
            row["begun_at"],
            row["seen_at"],
            Place(row["address"] or "", row["browser"] or ""),
            row["token_hash"] == digest(token),
        )
        for row in rows
    ]


def end(connection: sqlite3.Connection, token: str) -> None:
    """Close a session."""
    connection.execute("delete from sessions where token_hash = ?", (digest(token),))


def end_one(connection: sqlite3.Connection, person_id: str, number: str) -> bool:
    """Close one of somebody's sessions by its number; whether there was one."""
    found = connection.execute("select token_hash from sessions where person_id = ?", (person_id,)).fetchall()
    ended = [row["token_hash"] for row in found if secrets.compare_digest(_number(row["token_hash"]), number)]
    connection.executemany("delete from sessions where token_hash = ?", [(one,) for one in ended])
    return bool(ended)


def end_unproven(connection: sqlite3.Connection, person_id: str) -> None:
    """Close the sessions in which a code is still owed."""
    connection.execute(
        "delete from sessions where person_id = ? and token_hash not in "
        "(select token_hash from session_facts where is_proven = 1)",
        (person_id,),
    )


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _number(token_hash: str) -> str:
    return hashlib.sha256(f"number {token_hash}".encode()).hexdigest()[:16]
