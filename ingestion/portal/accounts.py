"""Accounts: passwords by Argon2, lock-out, what became unused. Who may do what is the site's affair (rights.py)."""

import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from ingestion.portal import password_rules
from ingestion.portal.refusal import Refusal
from lake.sqlitefile import now, stamp

#: The account that the first start makes; it may make others, and enter nothing.
ADMINISTRATOR = "admin"
_HASHER = PasswordHasher()
#: Checked in place of an account that is not there, so that the time of an answer does not tell which there are.
_NOBODY = _HASHER.hash(secrets.token_urlsafe())
_ADDRESS_ATTEMPTS = 50


@dataclass(frozen=True)
class Policy:
    """How long what holds; set by the connection of kind form."""

    attempts: int = 5
    locked: timedelta = timedelta(minutes=15)
    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    password_age: timedelta = timedelta(days=90)
    password_rest: timedelta = timedelta(hours=24)
    passwords_kept: int = 5
    unused: timedelta = timedelta(days=90)
    second_factor: str = "approvers"


def create(connection: sqlite3.Connection, person_id: str) -> str:
    """Make an account, or give one a new password; return the password, which has to be changed at first use."""
    password = secrets.token_urlsafe(12)
    _keep_old(connection, person_id)
    connection.execute(
        "insert into accounts (person_id, password, changed_at) values (?, ?, ?) on conflict (person_id) do update set "
        "password = excluded.password, changed_at = excluded.changed_at, must_change = 1, failures = 0, "
        "locked_until = null, is_disabled = 0",
        (person_id, _HASHER.hash(password), now()),
    )
    connection.execute("delete from last_sign_ins where person_id = ?", (person_id,))
    end_sessions(connection, person_id)
    return password


def disable(connection: sqlite3.Connection, person_id: str) -> None:
    """Close an account and end its sessions."""
    connection.execute("update accounts set is_disabled = 1 where person_id = ?", (person_id,))
    end_sessions(connection, person_id)


def verify(connection: sqlite3.Connection, person_id: str, password: str, address: str, policy: Policy) -> bool:
    """Whether the password is the account's; failures count, and enough of them lock account or address for a while.

    Raises Refusal where it is locked, or was not used for too long. The caller commits in either case.
    """
    check_address(connection, address, policy)
    account = connection.execute("select * from accounts where person_id = ?", (person_id,)).fetchone()
    if account is not None and (account["locked_until"] or "") > now():
        raise Refusal("locked_out", 429)
    if _matches(account, password):
        connection.execute("update accounts set failures = 0, locked_until = null where person_id = ?", (person_id,))
        if used_at(connection, person_id) < stamp(datetime.now(UTC) - policy.unused):
            raise Refusal("unused_account", 403)
        return True
    failed(connection, person_id, address, policy, "failures")
    return False


def check_address(connection: sqlite3.Connection, address: str, policy: Policy) -> None:
    """Raise Refusal where too much failed from an address; forget what failed long ago."""
    since = stamp(datetime.now(UTC) - policy.locked)
    connection.execute("delete from failed_logins where at < ?", (since,))
    counted = connection.execute("select count(*) from failed_logins where address = ?", (address,)).fetchone()[0]
    if counted >= _ADDRESS_ATTEMPTS:
        raise Refusal("locked_out", 429)


def failed(connection: sqlite3.Connection, person_id: str, address: str, policy: Policy, counter: str) -> None:
    """Count a wrong password (`failures`) or a wrong code (`code_failures`); enough of them lock the account.

    They are counted apart: a right password must not forgive the codes that were guessed behind it.
    """
    connection.execute("insert into failed_logins values (?, ?)", (address, now()))
    connection.execute(f"update accounts set {counter} = {counter} + 1 where person_id = ?", (person_id,))
    until = stamp(datetime.now(UTC) + policy.locked)
    connection.execute(
        f"update accounts set {counter} = 0, locked_until = ? where person_id = ? and {counter} >= ?",
        (until, person_id, policy.attempts),
    )


def unlock(connection: sqlite3.Connection, person_id: str) -> None:
    """Let an account try again."""
    connection.execute(
        "update accounts set failures = 0, code_failures = 0, locked_until = null where person_id = ?", (person_id,)
    )


def used_at(connection: sqlite3.Connection, person_id: str) -> str:
    """Return when an account was last used, or given a password; the end of time for one that there is not."""
    row = connection.execute(
        "select max(changed_at, coalesce(at, '')) as at from accounts left join last_sign_ins using (person_id) "
        "where person_id = ?",
        (person_id,),
    ).fetchone()
    return str(row["at"]) if row else "9999"


def _matches(account: sqlite3.Row | None, password: str) -> bool:
    right = _is_of(account["password"] if account is not None else _NOBODY, password)
    return right and account is not None and not account["is_disabled"]


def _is_of(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except VerificationError:
        return False


def change_password(
    connection: sqlite3.Connection, person_id: str, password: str, policy: Policy, names: Iterable[str] = ()
) -> None:
    """Keep a new password that the rules of GB/T 22239 for identity allow; raise Refusal for another.

    It is none of the last ones, and it rests a while before the next, so that nobody runs through his old ones.
    """
    password_rules.check(password, [person_id, *names])
    account = connection.execute("select * from accounts where person_id = ?", (person_id,)).fetchone()
    rested = stamp(datetime.now(UTC) - policy.password_rest)
    if not account["must_change"] and account["changed_at"] > rested:
        raise Refusal("young_password", 422)
    old = connection.execute(
        "select password from old_passwords where person_id = ? order by number desc limit ?",
        (person_id, policy.passwords_kept - 1),
    )
    if any(_is_of(kept, password) for kept in (account["password"], *(row["password"] for row in old))):
        raise Refusal("same_password", 422)
    _keep_old(connection, person_id)
    connection.execute(
        "update accounts set password = ?, must_change = 0, changed_at = ? where person_id = ?",
        (_HASHER.hash(password), now(), person_id),
    )
    end_sessions(connection, person_id)


def _keep_old(connection: sqlite3.Connection, person_id: str) -> None:
    """Keep the hash of the present password, so that it does not come again."""
    connection.execute(
        "insert into old_passwords (person_id, password) select person_id, password from accounts where person_id = ?",
        (person_id,),
    )


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


def end_sessions(connection: sqlite3.Connection, person_id: str) -> int:
    """Close every session of somebody; return how many there were."""
    return connection.execute("delete from sessions where person_id = ?", (person_id,)).rowcount
