"""Passwords, sessions and the audit chain."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from ingestion.portal import accounts, audit, sessions
from ingestion.portal.accounts import Policy
from ingestion.portal.audit import About, Who
from ingestion.portal.database import Database
from ingestion.portal.refusal import Refusal


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "portal.sqlite")


def test_a_password_is_renewed_once_and_kept_unreadable(database: Database) -> None:
    with database.writing() as connection:
        first = accounts.create(connection, "ann")
        assert accounts.verify(connection, "ann", first, "here", Policy())
        assert not accounts.verify(connection, "ann", first + "x", "here", Policy())
        for weak in ("short1A!", "alllowercase1", "Ann-is-my-name-1"):
            with pytest.raises(Refusal, match=r"(weak|named)_password"):
                accounts.change_password(connection, "ann", weak, Policy())
        with pytest.raises(Refusal):
            accounts.change_password(connection, "ann", first, Policy())
        accounts.change_password(connection, "ann", "Quiet-Furnace-7", Policy())
        assert accounts.verify(connection, "ann", "Quiet-Furnace-7", "here", Policy())
    assert b"Quiet-Furnace-7" not in database.path.read_bytes()
    assert database.path.stat().st_mode & 0o077 == 0


def test_the_last_passwords_do_not_come_again(database: Database) -> None:
    """Nor does anybody run through them in a day."""
    hasty, patient = Policy(passwords_kept=3), Policy(passwords_kept=3, password_rest=timedelta(0))
    chosen = [f"Quiet-Furnace-{word}-7" for word in ("Plum", "Reed", "Loam", "Jute")]
    with database.writing() as connection:
        accounts.create(connection, "ann")
        accounts.change_password(connection, "ann", chosen[0], hasty)
        with pytest.raises(Refusal, match="young_password"):
            accounts.change_password(connection, "ann", chosen[1], hasty)
        for password in chosen[1:3]:
            accounts.change_password(connection, "ann", password, patient)
        for old in chosen[:3]:
            with pytest.raises(Refusal, match="same_password"):
                accounts.change_password(connection, "ann", old, patient)
        accounts.change_password(connection, "ann", chosen[3], patient)
        accounts.change_password(connection, "ann", chosen[0], patient)
        accounts.create(connection, "ann")  # given anew, and still not to be the one of before
        with pytest.raises(Refusal, match="same_password"):
            accounts.change_password(connection, "ann", chosen[0], hasty)


def test_failures_lock_the_account_and_then_the_address(database: Database) -> None:
    policy = Policy(attempts=3)
    with database.writing() as connection:
        password = accounts.create(connection, "ann")
        assert [accounts.verify(connection, "ann", "no", "here", policy) for _ in range(3)] == [False] * 3
        with pytest.raises(Refusal, match="locked_out"):
            accounts.verify(connection, "ann", password, "elsewhere", policy)
        connection.execute("update accounts set locked_until = '2001-01-01'")
        assert accounts.verify(connection, "ann", password, "elsewhere", policy)
        connection.executemany("insert into failed_logins values ('there', ?)", [("9999",)] * 50)
        with pytest.raises(Refusal, match="locked_out"):
            accounts.verify(connection, "ann", password, "there", policy)


def test_a_session_ends_when_idle_when_old_and_when_the_password_changes(database: Database) -> None:
    with database.writing() as connection:
        accounts.create(connection, "ann")
        token = sessions.begin(connection, "ann")
        seen = sessions.session(connection, token, Policy())
        assert seen is not None
        assert seen.must_change
        assert sessions.session(connection, token + "x", Policy()) is None
        assert sessions.session(connection, token, Policy(idle=timedelta(0))) is None
        assert sessions.session(connection, token, Policy(longest=timedelta(0))) is None
        accounts.change_password(connection, "ann", "Quiet-Furnace-7", Policy())
        assert sessions.session(connection, token, Policy()) is None
        token = sessions.begin(connection, "ann")
        aged = sessions.session(connection, token, Policy(password_age=timedelta(0)))
        assert aged is not None
        assert aged.must_change
        accounts.disable(connection, "ann")
        assert sessions.session(connection, token, Policy()) is None
    assert token.encode() not in database.path.read_bytes()


def test_the_log_is_only_added_to_and_shows_what_was_done_to_it(database: Database) -> None:
    with database.writing() as connection:
        for number in range(5):
            audit.note(connection, Who("ann", "here"), "save", About(f"sheet {number}"))
        assert audit.broken_at(connection) is None
    for forgery in ("update audit set person_id = 'bo' where number = 3", "delete from audit where number = 3"):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"), database.writing() as connection:
            connection.execute(forgery)
    with database.writing() as connection:
        connection.execute("drop trigger audit_is_not_changed")
        connection.execute("update audit set person_id = 'bo' where number = 3")
        assert audit.broken_at(connection) == 3
