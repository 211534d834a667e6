"""Accounts and sessions: passwords by Argon2, lock-out, idle end. Who may do what is the site's affair (rights.py)."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from ingestion.portal.refusal import Refusal
from lake.sqlitefile import now, stamp

#: The account that the first start makes; it may make others, and enter nothing.
ADMINISTRATOR = "admin"
_HASHER = PasswordHasher()
#: Checked in place of an account that is not there, so that the time of an answer does not tell which there are.
_NOBODY = _HASHER.hash(secrets.token_urlsafe())
_SHORTEST, _CLASSES = 10, 3
_ADDRESS_ATTEMPTS = 50


@dataclass(frozen=True)
class Policy:
    """How long what holds; set by the connection of kind form."""

    attempts: int = 5
    locked: timedelta = timedelta(minutes=15)
    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    password_age: timedelta = timedelta(days=90)


@dataclass(frozen=True)
class Session:
    """A signed-in person."""

    person_id: str
    csrf: str
    must_change: bool
    groups: tuple[str, ...] | None = None  # what a provider vouched for; None for who signed in with a password


def create(connection: sqlite3.Connection, person_id: str) -> str:
    """Make an account, or give one a new password; return the password, which has to be changed at first use."""
    password = secrets.token_urlsafe(12)
    connection.execute(
        "insert into accounts (person_id, password, changed_at) values (?, ?, ?) on conflict (person_id) do update set "
        "password = excluded.password, changed_at = excluded.changed_at, must_change = 1, failures = 0, "
        "locked_until = null, is_disabled = 0",
        (person_id, _HASHER.hash(password), now()),
    )
    _end_all(connection, person_id)
    return password


def disable(connection: sqlite3.Connection, person_id: str) -> None:
    """Close an account and end its sessions."""
    connection.execute("update accounts set is_disabled = 1 where person_id = ?", (person_id,))
    _end_all(connection, person_id)


def verify(connection: sqlite3.Connection, person_id: str, password: str, address: str, policy: Policy) -> bool:
    """Whether the password is the account's; failures count, and enough of them lock account or address for a while.

    Raises Refusal where it is locked. The caller commits in either case.
    """
    since = stamp(datetime.now(UTC) - policy.locked)
    connection.execute("delete from failed_logins where at < ?", (since,))
    counted = connection.execute("select count(*) from failed_logins where address = ?", (address,)).fetchone()[0]
    if counted >= _ADDRESS_ATTEMPTS:
        raise Refusal("locked_out", 429)
    account = connection.execute("select * from accounts where person_id = ?", (person_id,)).fetchone()
    if account is not None and (account["locked_until"] or "") > now():
        raise Refusal("locked_out", 429)
    if _matches(account, password):
        connection.execute("update accounts set failures = 0, locked_until = null where person_id = ?", (person_id,))
        return True
    connection.execute("insert into failed_logins values (?, ?)", (address, now()))
    if account is not None:
        failures = account["failures"] + 1
        until = stamp(datetime.now(UTC) + policy.locked) if failures >= policy.attempts else None
        connection.execute(
            "update accounts set failures = ?, locked_until = ? where person_id = ?",
            (0 if until else failures, until, person_id),
        )
    return False


def _matches(account: sqlite3.Row | None, password: str) -> bool:
    try:
        right = _HASHER.verify(account["password"] if account is not None else _NOBODY, password)
    except VerificationError:
        return False
    return right and account is not None and not account["is_disabled"]


def change_password(connection: sqlite3.Connection, person_id: str, password: str) -> None:
    """Keep a new password that the rules of GB/T 22239 for identity allow; raise Refusal for another."""
    classes = sum(
        any(kind(letter) for letter in password)
        for kind in (str.islower, str.isupper, str.isdigit, lambda letter: not letter.isalnum())
    )
    if len(password) < _SHORTEST or classes < _CLASSES or person_id.lower() in password.lower():
        raise Refusal("weak_password", 422)
    account = connection.execute("select * from accounts where person_id = ?", (person_id,)).fetchone()
    if _matches(account, password):
        raise Refusal("same_password", 422)
    connection.execute(
        "update accounts set password = ?, must_change = 0, changed_at = ? where person_id = ?",
        (_HASHER.hash(password), now(), person_id),
    )
    _end_all(connection, person_id)


def vouch(connection: sqlite3.Connection, person_id: str, issuer: str, subject: str) -> None:
    """Open the account of somebody whom an issuer vouches for, or tie an account to that subject of the issuer.

    Raises Refusal where the account is disabled or tied to another subject.
    """
    account = connection.execute("select * from accounts where person_id = ?", (person_id,)).fetchone()
    known = connection.execute(
        "select person_id from accounts where issuer = ? and subject = ?", (issuer, subject)
    ).fetchone()
    if account is None and known is None:
        nobody_knows = _HASHER.hash(secrets.token_urlsafe())
        connection.execute(
            "insert into accounts (person_id, password, changed_at, issuer, subject) values (?, ?, ?, ?, ?)",
            (person_id, nobody_knows, now(), issuer, subject),
        )
        return
    if (known is not None and known["person_id"] != person_id) or (account is not None and account["is_disabled"]):
        raise Refusal("nobody_here", 403)
    if known is None:
        if account["subject"] is not None:
            raise Refusal("nobody_here", 403)
        connection.execute(
            "update accounts set issuer = ?, subject = ? where person_id = ?", (issuer, subject, person_id)
        )


def begin(connection: sqlite3.Connection, person_id: str, groups: Sequence[str] | None = None) -> str:
    """Open a session for somebody whose identity is established, by password or by an issuer; return its token.

    `groups` are what an issuer says of the person; None for a password.
    """
    token = secrets.token_urlsafe(32)
    connection.execute(
        "insert into sessions values (?, ?, ?, ?, ?)",
        (_digest(token), person_id, secrets.token_urlsafe(24), now(), now()),
    )
    if groups is not None:
        connection.execute("insert into vouched_sessions values (?, ?)", (_digest(token), json.dumps(list(groups))))
    return token


def session(connection: sqlite3.Connection, token: str, policy: Policy) -> Session | None:
    """Return the session of a token while it lasts, and count this as a sign of life."""
    at = datetime.now(UTC)
    row = connection.execute(
        "select sessions.*, accounts.must_change, accounts.changed_at, said from sessions inner join accounts "
        "using (person_id) left join vouched_sessions using (token_hash) "
        "where token_hash = ? and seen_at > ? and begun_at > ? and not is_disabled",
        (_digest(token), stamp(at - policy.idle), stamp(at - policy.longest)),
    ).fetchone()
    if row is None:
        return None
    connection.execute("update sessions set seen_at = ? where token_hash = ?", (stamp(at), _digest(token)))
    if row["said"] is not None:
        return Session(row["person_id"], row["csrf"], False, tuple(json.loads(row["said"])))
    is_old = row["changed_at"] < stamp(at - policy.password_age)
    return Session(row["person_id"], row["csrf"], bool(row["must_change"]) or is_old)


def end(connection: sqlite3.Connection, token: str) -> None:
    """Close a session."""
    connection.execute("delete from sessions where token_hash = ?", (_digest(token),))


def _end_all(connection: sqlite3.Connection, person_id: str) -> None:
    connection.execute("delete from sessions where person_id = ?", (person_id,))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
