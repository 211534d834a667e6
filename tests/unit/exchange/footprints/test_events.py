"""Events of PACT: both versions' words, kept once for each client, looked at until something comes of them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange import register
from exchange.footprints import events, inbox

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def _event(event_id: str, version: int = 3, word: str = events.CREATED) -> dict[str, object]:
    told = events.request(version, ["urn:x:1"], "please")
    return json.loads(events.written(version, word, event_id, "https://buyer.example", told))


@pytest.mark.parametrize("version", [2, 3])
def test_each_type_is_read_as_it_is_written(version: int) -> None:
    words = (events.CREATED, events.FULFILLED, events.REJECTED, events.PUBLISHED)
    types = [_event("1", version, word)["type"] for word in words]
    assert [events.word_of(str(name)) for name in types] == list(words)
    assert len(set(types)) == 4
    assert events.word_of("org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.4") is None


def test_a_request_says_the_same_in_both_versions() -> None:
    for version in (2, 3):
        data = events.request(version, ["urn:x:1", "urn:x:2"], "please")
        assert events.criteria(version, data) == {"productId": ["urn:x:1", "urn:x:2"]}
    fragment = {"pf": {"productIds": ["urn:x:1", 7], "companyIds": ["urn:c"], "pcf": {"geographyCountry": "CN"}}}
    told = {"productId": ["urn:x:1"], "companyId": ["urn:c"], "geography": ["CN"]}
    assert events.criteria(2, fragment) == told
    assert events.criteria(2, {"pf": "all"}) == {}
    assert events.criteria(3, {"status": "Active", "comment": "x", "validOn": 5}) == {"status": ["Active"]}


def test_an_event_is_kept_once_for_each_client(tmp_path: Path) -> None:
    kept = register.opened(tmp_path)
    with kept.writing() as connection:
        assert inbox.receive(connection, "buyer", 3, _event("a"), AT)
        assert not inbox.receive(connection, "buyer", 3, _event("a"), AT)
        assert inbox.receive(connection, "another", 3, _event("a"), AT), "an id is its sender's own"
    with kept.reading() as connection:
        found = inbox.due(connection, 0)
    assert [event.client_id for event in found] == ["buyer", "another"]
    assert found[0].data == {"productId": ["urn:x:1"], "comment": "please"}


def test_what_cannot_be_handled_now_waits_longer_each_time_and_is_put_aside_at_last(tmp_path: Path) -> None:
    kept, now, waits = register.opened(tmp_path), 0.0, []
    with kept.writing() as connection:
        inbox.receive(connection, "buyer", 3, _event("a"), AT)
        while found := inbox.due(connection, now):
            inbox.postpone(connection, found[0], "the host is away", now, "2026-03-01")
            row = connection.execute("select next_at, handled_at, outcome from event_in").fetchone()
            if row["handled_at"]:
                break
            assert not inbox.due(connection, row["next_at"] - 1)
            waits.append(row["next_at"] - now)
            now = row["next_at"]
    assert len(waits) == inbox.MOST_ATTEMPTS - 1
    assert waits == sorted(waits)
    assert row["outcome"] == "given up: the host is away"
