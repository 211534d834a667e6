"""Where events may come from, how often one may ask, and what an event has to look like."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.api import address, events
from exchange.api.limits import Buckets
from exchange.api.refusal import Refusal

HERE = "https://buyer.example/pact"
PIECES = (
    "https",
    "http",
    "://",
    "//",
    "buyer.example",
    "evil.example",
    "@",
    ":",
    "443",
    "/pact",
    "/",
    "..",
    "?",
    "#",
    "\\",
    " ",
    "%2f",
)


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=9).map("".join)))
def test_a_source_that_is_let_in_is_on_the_known_host(source: str) -> None:
    """As another reader of addresses sees it."""
    if address.is_from(HERE, source):
        read = httpx.URL(source if source.startswith("https:") else f"https:{source}")
        assert read.host == "buyer.example"
        assert read.port in (None, 443)
        assert read.path.startswith("/pact")
        assert not read.userinfo


def test_nobody_is_let_in_without_an_address() -> None:
    for registered in (None, "", "buyer.example", "http://buyer.example"):
        assert not address.is_from(registered, HERE)


def test_a_bucket_fills_steadily() -> None:
    at = [0.0]
    buckets = Buckets(60, lambda: at[0])
    for _ in range(60):
        buckets.take("one")
    with pytest.raises(Refusal) as refused:
        buckets.take("one")
    assert refused.value.headers == {"Retry-After": "1"}
    buckets.take("another")
    at[0] = 2.0
    buckets.take("one")
    buckets.take("one")
    with pytest.raises(Refusal):
        buckets.take("one")
    at[0] = 1e6
    for _ in range(60):
        buckets.take("one")
    with pytest.raises(Refusal):
        buckets.take("one")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "productId",
    "validOn",
    "status",
    "pf",
    "requestEventId",
    "pfs",
    "error",
    "pfIds",
    "comment",
    "x-other",
    "code",
    "message",
)
DATA = st.dictionaries(
    st.sampled_from(NAMES), JSON | st.just("2025-01-01") | st.lists(st.just("a"), max_size=2), max_size=5
)


@given(
    st.sampled_from([3, 2]).flatmap(
        lambda version: st.tuples(st.just(version), st.sampled_from(events.types(version)))
    ),
    DATA | JSON,
    st.dictionaries(st.sampled_from(("id", "source", "time", "specversion", "type")), JSON, max_size=2),
)
def test_any_event_is_taken_or_refused(kind: tuple[int, str], data: object, other: dict[str, object]) -> None:
    told = {
        "type": kind[1],
        "specversion": "1.0",
        "id": "1",
        "source": HERE,
        "time": "2025-01-01T00:00:00Z",
        "data": data,
    }
    event = events.parsed(json.dumps({**told, **other}).encode())
    try:
        events.checked(event, kind[0])
    except Refusal as refusal:
        assert refusal.status == 400


@given(st.binary(max_size=60))
def test_any_body_is_an_object_or_refused(body: bytes) -> None:
    try:
        assert isinstance(events.parsed(body), dict)
    except Refusal as refusal:
        assert refusal.status == 400


@pytest.mark.parametrize("body", [b'{"a": NaN}', b'{"a": 1e999}', b'{"a": Infinity}', b"[" * 100_000, b'"x"', b""])
def test_what_is_no_object_of_json_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        events.parsed(body)
