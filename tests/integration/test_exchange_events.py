"""Events between hosts over real TLS: asked and answered later, announced, repeated, forged, withheld, given up."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange import register
from exchange.api import accesses
from exchange.footprints import deliveries, events, inbox
from exchange.footprints.deliveries import Desk, Given
from exchange.footprints.partners import CUSTOMER, EVENT, Partner
from exchange.outbox import Outbox
from exchange.supplier_client import answers, asking, hearing
from lake import sqlitefile
from lake.errors import SourceAwayError
from tests.integration import pact_peer
from tests.integration.pact_peer import CLIENT, PRODUCT, SECRET, Host, document
from tests.integration.test_supplier_client import partner, place, quarantine, rows

pytestmark = pytest.mark.integration
BUYER = "buyer"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authority")


@pytest.fixture
def host(authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    with pact_peer.hosting(authority) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "authority.pem"))
        yield running


@dataclass
class Shop:
    """What is shared with the buyer, who has the host."""

    folder: Path
    host: Host
    shared: dict[str, bool] = field(default_factory=dict)
    version: int = 3

    @property
    def desk(self) -> Desk:
        address = self.host.address
        buyer = Partner(CUSTOMER, BUYER, address, address, self.version, CLIENT, "buyer-at-ours", SECRET)
        return Desk(register.opened(self.folder), "https://lime.example", {buyer.name: buyer}, self._granted)

    @property
    def buyer(self) -> Partner:
        return self.desk.partners[f"customer:{BUYER}"]

    def _granted(self, customer_id: str, version: int, criteria: Mapping[str, Sequence[str]]) -> list[Given]:
        assert (customer_id, version) == (BUYER, self.version)
        is_ours = PRODUCT in criteria.get("productId", [PRODUCT])
        return [self._given(one, active) for one, active in self.shared.items() if is_ours]

    @staticmethod
    def _given(record_id: str, is_active: bool) -> Given:
        return Given(record_id, is_active, lambda version: document(version=version, id=record_id))

    def outcomes(self) -> list[tuple[str, str]]:
        with self.desk.register.reading() as connection:
            return [tuple(row) for row in connection.execute("select name, state from message order by id")]

    def aged(self, days: float) -> None:
        """Let everything that is queued have been queued so long ago, and be due."""
        at = sqlitefile.stamp(datetime.now(UTC) - timedelta(days=days))
        with self.desk.register.writing() as connection:
            connection.execute("update message set queued_at = ?, next_at = 0", (at,))


def request(version: int, product: str, event_id: str = "r1") -> inbox.Event:
    body = events.written(version, events.CREATED, event_id, "https://x", events.request(version, [product], ""))
    return inbox.Event("buyer-at-ours", event_id, version, json.loads(body)["type"], body, 0)


@pytest.mark.parametrize("version", [2, 3])
def test_a_request_is_answered_once_by_what_is_shared_or_a_rejection(host: Host, tmp_path: Path, version: int) -> None:
    shop = Shop(tmp_path, host, {"a1": True, "b2": False}, version)
    for _ in range(2):  # as after a crash between queueing and noting
        assert deliveries.answer(shop.desk, shop.buyer, request(version, PRODUCT)) == "fulfilled, 2 footprints"
        deliveries.answer(shop.desk, shop.buyer, request(version, "urn:gtin:9", "r2"))
    assert vars(deliveries.send(shop.desk)) == {"delivered": 2, "waiting": 0, "withheld": 0, "dead": 0}
    assert vars(deliveries.send(shop.desk))["delivered"] == 0
    with shop.desk.register.reading() as connection:
        (line,) = accesses.lines(connection, BUYER, 10)
        assert accesses.broken_at(connection) is None
    assert (line["act"], json.loads(line["records"])) == ("sent", ["a1", "b2"]), "what is handed out is written down"
    good, bad = host.posted
    assert [line for line in host.asked if "events" in line] == [f"POST /{version}/events"] * 2
    assert events.word_of(good["type"]) == events.FULFILLED
    assert good["data"]["requestEventId"] == "r1"
    assert [one["id"] for one in good["data"]["pfs"]] == ["a1", "b2"]
    assert {one["specVersion"][0] for one in good["data"]["pfs"]} == {str(version)}
    assert (good["specversion"], good["source"]) == ("1.0", "https://lime.example")
    assert events.word_of(bad["type"]) == events.REJECTED
    assert bad["data"]["error"]["code"] == {2: "NoSuchFootprint", 3: "NotFound"}[version]
    assert good["id"] != bad["id"]


def test_what_may_no_longer_be_seen_when_its_turn_comes_is_withheld(host: Host, tmp_path: Path) -> None:
    shop = Shop(tmp_path, host, {"a1": True})
    deliveries.answer(shop.desk, shop.buyer, request(3, PRODUCT))
    deliveries.announce(shop.desk)
    shop.shared.clear()
    assert vars(deliveries.send(shop.desk))["withheld"] == 2
    assert host.posted == []


def test_news_of_a_record_go_to_who_may_see_it_and_its_end_to_who_was_told(host: Host, tmp_path: Path) -> None:
    shop = Shop(tmp_path, host, {"a1": True, "old": False})
    assert deliveries.announce(shop.desk) == 1, "what ended before it was told is no news"
    assert deliveries.announce(shop.desk) == 0
    shop.shared = {"a1": False, "a2": True}
    assert deliveries.announce(shop.desk) == 2
    del shop.shared["a2"]
    assert deliveries.announce(shop.desk, withdrawn=["a2", "never told"]) == 1
    shop.aged(0)
    sent = deliveries.send(shop.desk)
    assert (sent.delivered, sent.withheld) == (3, 1), "a2 was taken back before its release was told"
    assert [one["data"]["pfIds"] for one in host.posted] == [["a1"], ["a1"], ["a2"]]
    assert len({one["id"] for one in host.posted}) == 3
    assert {events.word_of(one["type"]) for one in host.posted} == {events.PUBLISHED}


def test_a_host_that_fails_is_tried_for_three_days_with_the_same_event(host: Host, tmp_path: Path) -> None:
    shop, failing = Shop(tmp_path, host, {"a1": True, "a2": True}), [500, 503, 400, 302]
    deliveries.announce(shop.desk)
    seen = []

    def plan(_of: Host, method: str, path: str) -> Any:
        if "events" not in path or not failing:
            return None
        seen.append(failing[0])
        return failing.pop(0), b"no", {"Location": "https://127.0.0.1:1/"}

    host.plan = plan
    for _ in range(2):
        shop.aged(2.9)
        deliveries.send(shop.desk)
    assert shop.outcomes() == [(events.PUBLISHED, "waiting")] * 2
    with shop.desk.register.reading() as connection:
        (waits,) = connection.execute("select max(next_at) from message").fetchone()
        attempts = [row[0] for row in connection.execute("select answer from attempt order by rowid")]
    assert waits > datetime.now(UTC).timestamp() + 4
    assert attempts[:2] == ["HTTP 500 no", "HTTP 503 no"]
    shop.aged(2.9)
    assert deliveries.send(shop.desk).delivered == 2
    first = [one["id"] for one in host.posted]
    assert len(set(first)) == 2
    assert seen == [500, 503, 400, 302], "a redirect is not followed"
    deliveries.answer(shop.desk, shop.buyer, request(3, PRODUCT, "r9"))
    failing.append(500)
    shop.aged(3.1)
    assert deliveries.send(shop.desk).dead == 1
    shop.aged(3.1)
    assert vars(deliveries.send(shop.desk)) == {"delivered": 0, "waiting": 0, "withheld": 0, "dead": 0}


@pytest.mark.parametrize("version", [2, 3])
def test_an_answer_that_comes_later_counts_for_who_was_asked(host: Host, tmp_path: Path, version: int) -> None:
    lime = partner(host, way=EVENT, version=version)
    where = place(tmp_path, lime)
    list(asking.ask(where))
    desk = Desk(where.register, where.address, where.partners, lambda *_: [])
    assert deliveries.send(desk).delivered == 1
    (asked,) = host.posted
    assert events.word_of(asked["type"]) == events.CREATED
    assert events.criteria(version, asked["data"]) == {"productId": [PRODUCT]}

    def heard(of: Partner, word: str, data: Mapping[str, Any]) -> str:
        body = events.written(version, word, "e1", "https://x", data)
        return hearing.hear(where, of, inbox.Event("c", "e1", version, json.loads(body)["type"], body, 0))

    answer = {"requestEventId": asked["id"], "pfs": [document("1100", version=version)]}
    forger = partner(host, id="scrap_yard")
    assert heard(forger, events.FULFILLED, answer).startswith("put aside: nothing was asked of this supplier")
    assert heard(lime, events.FULFILLED, {**answer, "requestEventId": "guessed"}).startswith("put aside")
    assert rows(where) == []
    assert heard(lime, events.FULFILLED, answer) == "1 judged"
    assert heard(lime, events.FULFILLED, answer) == "1 repeated"
    assert [row["ask_id"] for row in rows(where)] == [asked["id"]]
    payload = where.lake.payload(rows(where)[0]["payload_hash"]).read_text("utf-8")
    assert json.loads(payload)["data"] == answer, "the event itself is the evidence"
    assert heard(lime, events.REJECTED, {"requestEventId": asked["id"], "error": {"code": "NotFound"}})
    with where.register.reading() as connection:
        assert [row["state"] for row in connection.execute("select state from ask")] == [asking.ANSWERED]
    assert heard(lime, events.FULFILLED, {"requestEventId": asked["id"], "pfs": 7}).startswith("put aside")
    assert len(quarantine(where)) == 1


def test_a_rejection_is_kept_with_its_words(host: Host, tmp_path: Path) -> None:
    lime = partner(host, way=EVENT)
    where = place(tmp_path, lime)
    list(asking.ask(where))
    with closing(Outbox(where.register.path)) as outbox:
        (asked,) = outbox.keys(lime.name, events.CREATED)
    error = {"requestEventId": asked, "error": {"code": "NotFound", "message": "we make no lime"}}
    body = events.written(3, events.REJECTED, "e1", "https://x", error)
    hearing.hear(where, lime, inbox.Event("c", "e1", 3, json.loads(body)["type"], body, 0))
    with where.register.reading() as connection:
        row = connection.execute("select state, answer from ask").fetchone()
    assert tuple(row) == (asking.REJECTED, "NotFound: we make no lime")


def test_news_of_a_supplier_are_fetched_from_its_own_host(host: Host, tmp_path: Path) -> None:
    lime, first = partner(host), document("1180")
    host.records = [first]
    where = place(tmp_path, lime)

    def published(*ids: object) -> str:
        body = events.written(3, events.PUBLISHED, "e1", "https://x", {"pfIds": list(ids)})
        return hearing.hear(where, lime, inbox.Event("c", "e1", 3, json.loads(body)["type"], body, 0))

    assert published(first["id"]) == "1 judged"
    assert published(first["id"], first["id"], 7) == "1 repeated"
    corrected = document("1150", precedingPfIds=[first["id"]])
    host.records = [first | {"status": "Deprecated"}, corrected]
    assert published(first["id"], corrected["id"]) == "1 judged, 1 withdrawn"
    host.records = []
    assert published(corrected["id"]) == "1 withdrawn"
    assert {row["state"] for row in rows(where)} == {answers.WITHDRAWN}
    assert published("../../secrets") == "nothing new"
    assert host.asked[-1] == "GET /3/footprints/..%2F..%2Fsecrets"
    host.plan = lambda _of, _method, path: (500, b"", {}) if "footprints" in path else None
    with pytest.raises(SourceAwayError):
        published(first["id"])
