"""What happens to a client between two of its steps counts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange import register
from exchange.api import clients
from exchange.api.book import CUSTOMER, SUPPLIER, Party
from lake.errors import RegisterError

HOUR = timedelta(hours=1)


def test_who_is_revoked_or_rotated_meanwhile_gets_no_token(tmp_path: Path) -> None:
    kept, at = register.opened(tmp_path), datetime.now(UTC)
    with kept.writing() as connection:
        secret = clients.add(connection, Party(CUSTOMER, "buyer", "buyer"))
        verified = clients.verified(connection, "buyer", secret)
        assert verified
        token = clients.issue(connection, verified, at, HOUR)
        assert token
        found = clients.of_token(connection, token, at)
        assert found == clients.Token(verified, has_expired=False)
        late = clients.of_token(connection, token, at + HOUR)
        assert late
        assert late.has_expired
        clients.rotate(connection, "buyer")
        assert clients.issue(connection, verified, at, HOUR) is None
        assert clients.of_token(connection, token, at) is None
        clients.revoke(connection, "buyer")
        assert clients.issue(connection, verified, at, HOUR) is None
        assert clients.verified(connection, "buyer", secret) is None


def test_a_secret_ends_and_a_new_one_begins(tmp_path: Path) -> None:
    """A year after it was given, whatever was done with it; the old one is told apart from a wrong one by its owner."""
    kept, year = register.opened(tmp_path), timedelta(days=365)
    with kept.writing() as connection:
        secret = clients.add(connection, Party(CUSTOMER, "buyer", "buyer"))
        connection.execute("update client set made_at = '2020-01-01T00:00:00+00:00'")
        old = clients.verified(connection, "buyer", secret)
        assert old
        assert old.ends_at(year) == datetime(2020, 12, 31, tzinfo=UTC)
        secret = clients.rotate(connection, "buyer")
        fresh = clients.verified(connection, "buyer", secret)
        assert fresh
        assert fresh.ends_at(year) > datetime.now(UTC) + timedelta(days=364)


def test_a_client_id_is_one_party_s(tmp_path: Path) -> None:
    with register.opened(tmp_path).writing() as connection:
        clients.add(connection, Party(CUSTOMER, "firm", "firm"))
        with pytest.raises(RegisterError, match="is that of customer firm"):
            clients.add(connection, Party(SUPPLIER, "firm", "firm"))
        for act in (clients.rotate, clients.revoke):
            with pytest.raises(RegisterError, match="there is no client 'nobody'"):
                act(connection, "nobody")


def test_old_tokens_are_forgotten_and_expired_ones_told_for_a_week(tmp_path: Path) -> None:
    at = datetime.now(UTC)
    with register.opened(tmp_path).writing() as connection:
        verified = clients.verified(connection, "buyer", clients.add(connection, Party(CUSTOMER, "buyer", "buyer")))
        assert verified
        week_old = clients.issue(connection, verified, at - timedelta(days=6), HOUR)
        older = clients.issue(connection, verified, at - timedelta(days=8), HOUR)
        clients.issue(connection, verified, at, HOUR)
        assert week_old
        assert older
        told = clients.of_token(connection, week_old, at)
        assert told
        assert told.has_expired
        assert clients.of_token(connection, older, at) is None
