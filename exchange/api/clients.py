"""Clients and their tokens: secrets by Argon2, tokens by their digest, looked up at each request.

What is revoked or has expired stops with the next request, because nothing of it is believed on the word of a token.
"""

import hashlib
import secrets
import sqlite3
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from exchange.api.book import Party
from lake import sqlitefile
from lake.errors import RegisterError

_HASHER = PasswordHasher()
#: Checked in place of a client that is not there, so that the time of an answer does not tell which there are.
_NOBODY = _HASHER.hash(secrets.token_urlsafe())
#: Argon2 takes 64 MB each time: two at once, so that a flood of wrong secrets cannot take the machine's memory.
_AT_ONCE = threading.BoundedSemaphore(2)
#: Expired tokens are told apart from invented ones for so long.
_REMEMBERED = timedelta(days=7)


@dataclass(frozen=True)
class Client:
    """A client as the register has it."""

    client_id: str
    party_kind: str
    party_id: str
    made_at: str
    rotated_at: str | None
    revoked_at: str | None

    def ends_at(self, lasts: timedelta) -> datetime:
        """Return when the secret ends that was given last."""
        return datetime.fromisoformat(self.rotated_at or self.made_at) + lasts


@dataclass(frozen=True)
class Token:
    """What a token says of itself: whose it is, and whether it has expired."""

    client: Client
    has_expired: bool


def add(connection: sqlite3.Connection, party: Party) -> str:
    """Make the client of a party and return its secret, which is shown nowhere else.

    Raises RegisterError where the id is taken by a client that is not revoked, or by another party.
    """
    known = connection.execute("select * from client where client_id = ?", (party.client_id,)).fetchone()
    if known is not None and (known["party_kind"], known["party_id"]) != (party.kind, party.id):
        raise RegisterError(
            f"the client id {party.client_id!r} is that of {known['party_kind']} {known['party_id']}: give "
            f"{party.kind} {party.id} another one in the site folder"
        )
    if known is not None and known["revoked_at"] is None:
        raise RegisterError(f"{party.client_id!r} is a client already; `rotate` gives it a new secret")
    secret = secrets.token_urlsafe(32)
    connection.execute(
        "insert into client (client_id, party_kind, party_id, secret, made_at) values (?, ?, ?, ?, ?) "
        "on conflict (client_id) do update set secret = excluded.secret, made_at = excluded.made_at, "
        "rotated_at = null, revoked_at = null",
        (party.client_id, party.kind, party.id, _HASHER.hash(secret), sqlitefile.now()),
    )
    return secret


def rotate(connection: sqlite3.Connection, client_id: str) -> str:
    """Give a client a new secret and return it; its tokens end. Raises RegisterError where there is no such client."""
    _known(connection, client_id)
    secret = secrets.token_urlsafe(32)
    connection.execute(
        "update client set secret = ?, rotated_at = ? where client_id = ?",
        (_HASHER.hash(secret), sqlitefile.now(), client_id),
    )
    _end_tokens(connection, client_id)
    return secret


def revoke(connection: sqlite3.Connection, client_id: str) -> None:
    """Close a client; its tokens end. Raises RegisterError where there is no such client."""
    _known(connection, client_id)
    connection.execute("update client set revoked_at = ? where client_id = ?", (sqlitefile.now(), client_id))
    _end_tokens(connection, client_id)


def listed(connection: sqlite3.Connection) -> list[Client]:
    """Return every client, revoked ones too."""
    return [_client(row) for row in connection.execute("select * from client order by client_id")]


def verified(connection: sqlite3.Connection, client_id: str, secret: str) -> Client | None:
    """Return the client whose secret this is; None for a wrong secret, an unknown client and a revoked one alike."""
    row = connection.execute("select * from client where client_id = ?", (client_id,)).fetchone()
    is_open = row is not None and row["revoked_at"] is None
    with _AT_ONCE:
        try:
            _HASHER.verify(row["secret"] if is_open else _NOBODY, secret)
        except (VerificationError, InvalidHashError):
            return None
    return _client(row) if is_open else None


def failures(connection: sqlite3.Connection, address: str, client_id: str, since: datetime) -> int:
    """Return how many wrong secrets an address gave for a client since an instant."""
    found = connection.execute(
        "select count(*) from failed_token where address = ? and client_id = ? and at > ?",
        (address, client_id, sqlitefile.stamp(since)),
    )
    return int(found.fetchone()[0])


def failed(connection: sqlite3.Connection, address: str, client_id: str, forget: datetime) -> None:
    """Count a wrong secret, and forget those from before an instant."""
    connection.execute("delete from failed_token where at < ?", (sqlitefile.stamp(forget),))
    connection.execute("insert into failed_token values (?, ?, ?)", (address, client_id, sqlitefile.now()))


def issue(connection: sqlite3.Connection, client: Client, at: datetime, lasts: timedelta) -> str | None:
    """Issue a token of a client; None where it was revoked or got another secret since it was verified.

    What expired long ago is forgotten.
    """
    row = connection.execute("select * from client where client_id = ?", (client.client_id,)).fetchone()
    if row is None or _client(row) != client:
        return None
    token = secrets.token_urlsafe(32)
    connection.execute("delete from token where expires_at < ?", (sqlitefile.stamp(at - _REMEMBERED),))
    connection.execute(
        "insert into token values (?, ?, ?, ?)",
        (_digest(token), client.client_id, sqlitefile.stamp(at), sqlitefile.stamp(at + lasts)),
    )
    return token


def of_token(connection: sqlite3.Connection, token: str, at: datetime) -> Token | None:
    """Return what a token is; None for one that was never issued, or whose client was revoked or rotated since."""
    row = connection.execute(
        "select client.*, expires_at from token inner join client using (client_id) "
        "where digest = ? and revoked_at is null",
        (_digest(token),),
    ).fetchone()
    return None if row is None else Token(_client(row), row["expires_at"] <= sqlitefile.stamp(at))


def _known(connection: sqlite3.Connection, client_id: str) -> None:
    row = connection.execute("select revoked_at from client where client_id = ?", (client_id,)).fetchone()
    if row is None or row["revoked_at"] is not None:
        raise RegisterError(f"there is no client {client_id!r}; `nengtan exchange client list` shows those there are")


def _end_tokens(connection: sqlite3.Connection, client_id: str) -> None:
    connection.execute("delete from token where client_id = ?", (client_id,))


def _client(row: sqlite3.Row) -> Client:
    return Client(*(row[name] for name in Client.__dataclass_fields__))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
