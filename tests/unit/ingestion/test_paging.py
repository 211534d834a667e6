"""Paging: which page comes next, and when there is none."""

from datetime import UTC, datetime

import pytest

from ingestion.paging import Paging
from lake.errors import SourceShapeError

URL = "http://plant/api/readings"
LATEST = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_one_page_where_nothing_is_said() -> None:
    paging = Paging({})
    assert paging.first(LATEST) == {}
    assert paging.following(b"{}", (URL, {}), is_empty=False) is None


def test_counted_pages_end_with_an_empty_one() -> None:
    paging = Paging({"page": "p", "size": "n", "limit": 50})
    assert paging.first(None) == {"p": 1, "n": 50}
    assert paging.following(b"", (URL, {"p": 1, "n": 50}), is_empty=False) == (URL, {"p": 2, "n": 50})
    assert paging.following(b"", (URL, {"p": 2, "n": 50}), is_empty=True) is None


def test_offsets_step_by_the_limit() -> None:
    paging = Paging({"offset": "skip", "size": "take", "limit": 20})
    assert paging.following(b"", (URL, paging.first(None)), is_empty=False) == (URL, {"skip": 20, "take": 20})


@pytest.mark.parametrize("body", [b'{"next": null}', b"{}", b'{"next": false}', b"no json"])
def test_links_end_where_there_is_none(body: bytes) -> None:
    assert Paging({"next": "$.next"}).following(body, (URL, {}), is_empty=False) is None


def test_links_are_followed_and_tokens_are_passed_on() -> None:
    linked = Paging({"next": "$.next"}).following(b'{"next": "/api/readings?page=2"}', (URL, {"a": 1}), is_empty=False)
    assert linked == ("http://plant/api/readings?page=2", {})
    token = Paging({"next": "$.meta.token", "cursor": "after"})
    assert token.following(b'{"meta": {"token": 17}}', (URL, {"a": 1}), is_empty=True) == (URL, {"a": 1, "after": "17"})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"since": "since"}, "2026-01-01T11:00:00Z"),
        ({"since": "from", "overlap": "1d", "since_format": "s"}, str(int(LATEST.timestamp()) - 86400)),
        ({"since": "from", "overlap": "0s", "since_format": "ms"}, str(int(LATEST.timestamp()) * 1000)),
    ],
)
def test_reading_onwards_goes_back_a_little(settings: dict[str, str], expected: str) -> None:
    assert list(Paging(settings).first(LATEST).values()) == [expected]
    assert Paging(settings).first(None) == {}


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(SourceShapeError, match="kind is unknown"):
        Paging({"kind": "next"})
