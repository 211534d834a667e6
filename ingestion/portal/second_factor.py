"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for a lost phone.

A code counts once: its step of time has to lie after the last one that was taken. The codes are cryptography's; kept
is the secret, encrypted with a key that lies beside the register and is in no backup of it.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from ingestion.portal import accounts, sessions
from ingestion.portal.accounts import Policy
from ingestion.portal.refusal import Refusal
from ingestion.portal.rights import Rights
from lake.site.administrators import ADMINISTRATORS
from lake.sqlitefile import now

#: What cannot be taken back by another person's second look, or keeps others' accounts.
WEIGHTY = ("approve", "close", *ADMINISTRATORS)
#: RFC 6238: SHA-1, six digits, thirty seconds are what every app knows; a clock may be one step off.
_STEP_S, _DIGITS, _OFF, _SECRET_BYTES = 30, 6, 1, 20
_RECOVERY_CODES, _RECOVERY_BYTES = 10, 10
_SECRETS, _NAME = "secrets.json", "SECOND_FACTOR"


@dataclass(frozen=True)
class Keeper:
    """Encrypts what codes are made from; the key is made at first use, readable to its owner only."""

    home: Path

    def hide(self, secret: bytes) -> str:
        """Return a secret as it is kept."""
        return self._key().encrypt(secret).decode()

    def show(self, kept: str) -> bytes:
        """Return a kept secret; raises Refusal where the key is another one, as after a restore without the keys."""
        try:
            return self._key().decrypt(kept.encode())
        except InvalidToken as cause:
            raise Refusal("factor_unreadable", 409) from cause

    def _key(self) -> Fernet:
        path = self.home / _SECRETS
        if not path.exists():
            draft = path.with_name(f".{_SECRETS}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({_NAME: Fernet.generate_key().decode()}, file)
            try:
                os.link(draft, path)  # whoever comes first keeps his key
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return Fernet(json.loads(path.read_text("utf-8"))[_NAME])


def is_due(known: Policy, held: Rights) -> bool:
    """Whether the site asks this person for a second factor."""
    is_weighty = held.person_id == accounts.ADMINISTRATOR or any(held.where(role) for role in WEIGHTY)
    return known.second_factor == "everybody" or is_weighty


def offer(connection: sqlite3.Connection, keeper: Keeper, person_id: str) -> bytes:
    """Return the secret that somebody may put into an app; it counts once a code of it was given (`confirm`)."""
    row = connection.execute("select offered from second_factors where person_id = ?", (person_id,)).fetchone()
    if row is not None and row["offered"]:
        return keeper.show(row["offered"])
    secret = secrets.token_bytes(_SECRET_BYTES)
    connection.execute(
        "insert into second_factors (person_id, offered) values (?, ?) on conflict (person_id) do update set "
        "offered = excluded.offered",
        (person_id, keeper.hide(secret)),
    )
    return secret


def confirm(connection: sqlite3.Connection, keeper: Keeper, person_id: str, code: str) -> list[str] | None:
    """Take the offered secret into use with a code of it; return the recovery codes, shown nowhere else, or None."""
    row = connection.execute("select offered from second_factors where person_id = ?", (person_id,)).fetchone()
    if row is None or not row["offered"]:
        return None
    step = _step_of(keeper.show(row["offered"]), code, 0)
    if step is None:
        return None
    connection.execute(
        "update second_factors set secret = offered, offered = null, step = ?, made_at = ? where person_id = ?",
        (step, now(), person_id),
    )
    codes = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower() for _ in range(_RECOVERY_CODES)]
    connection.execute("delete from recovery_codes where person_id = ?", (person_id,))
    connection.executemany(
        "insert into recovery_codes values (?, ?, null)", [(person_id, _digest(person_id, one)) for one in codes]
    )
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def give(  # noqa: PLR0913, PLR0917 -- the register, its key, and who says what from where under which rules
    connection: sqlite3.Connection, keeper: Keeper, person_id: str, code: str, address: str, policy: Policy
) -> str:
    """Take a code, or a recovery code, once: return `second_factor` or `recovery_code`, or nothing where it is wrong.

    Wrong ones count like wrong passwords, apart from them. Raises Refusal where the account is locked, or what codes
    are made from cannot be read. The caller commits in either case.
    """
    accounts.check_address(connection, address, policy)
    row = connection.execute(
        "select secret, step, locked_until from second_factors inner join accounts using (person_id) "
        "where person_id = ? and secret is not null",
        (person_id,),
    ).fetchone()
    if row is None:
        return ""
    if (row["locked_until"] or "") > now():
        raise Refusal("locked_out", 429)
    taken = ""
    if connection.execute(
        "update recovery_codes set used_at = ? where person_id = ? and digest = ? and used_at is null",
        (now(), person_id, _digest(person_id, code)),
    ).rowcount:
        taken = "recovery_code"
    else:
        step = _step_of(keeper.show(row["secret"]), code, row["step"])
        if step is not None:
            connection.execute("update second_factors set step = ? where person_id = ?", (step, person_id))
            taken = "second_factor"
    if taken:
        connection.execute("update accounts set code_failures = 0 where person_id = ?", (person_id,))
    else:
        accounts.failed(connection, person_id, address, policy, "code_failures")
        locked = connection.execute("select locked_until from accounts where person_id = ?", (person_id,)).fetchone()
        if (locked["locked_until"] or "") > now():
            sessions.end_unproven(connection, person_id)
    return taken


def renew(connection: sqlite3.Connection, person_id: str) -> None:
    """Forget what was offered and not taken into use, so that the next offer is a new one."""
    connection.execute("update second_factors set offered = null where person_id = ?", (person_id,))


def remove(connection: sqlite3.Connection, person_id: str) -> None:
    """Take somebody's factor and recovery codes away, and end his sessions: he gets a new one at the next sign-in."""
    connection.execute("delete from recovery_codes where person_id = ?", (person_id,))
    connection.execute("delete from second_factors where person_id = ?", (person_id,))
    accounts.unlock(connection, person_id)
    accounts.end_sessions(connection, person_id)


def recovery_codes_left(connection: sqlite3.Connection, person_id: str) -> int:
    """Return how many recovery codes somebody has not used."""
    found = connection.execute(
        "select count(*) from recovery_codes where person_id = ? and used_at is null", (person_id,)
    )
    return int(found.fetchone()[0])


def address_for_app(secret: bytes, person_id: str, issuer: str) -> str:
    """Return the otpauth:// address that an app reads from the picture."""
    return _totp(secret).get_provisioning_uri(person_id, issuer)


def as_text(secret: bytes) -> str:
    """Return a secret as people type it into an app."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _step_of(secret: bytes, code: str, last: int, at: float | None = None) -> int | None:
    """Return the step of time that a code belongs to, after the last that was taken and near the clock; else None."""
    told = "".join(code.split())
    if len(told) != _DIGITS or not told.isascii() or not told.isdigit():
        return None
    this = int((time.time() if at is None else at) // _STEP_S)
    steps: Sequence[int] = range(max(this - _OFF, last + 1), this + _OFF + 1)
    right = [step for step in steps if hmac.compare_digest(_totp(secret).generate(step * _STEP_S), told.encode())]
    return right[0] if right else None


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, _DIGITS, SHA1(), _STEP_S)  # noqa: S303 - what RFC 6238 names and every app knows


def _digest(person_id: str, code: str) -> str:
    """80 random bits need no slow hash."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"{person_id} {plain}".encode()).hexdigest()
