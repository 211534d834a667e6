"""A supplier's host is asked over real TLS, in both versions, and while it misbehaves in every way we know."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exchange import register
from exchange.footprints import peer
from exchange.footprints.partners import EVENT, SUPPLIER, Partner
from exchange.supplier_client import answers, asking
from exchange.supplier_client.place import Place
from exchange.supplier_client.wanted import Compared, Wanted
from lake import tablerows
from lake.errors import SiteError, SourceAwayError, SourceShapeError
from lake.store import Lake
from tests.integration import pact_peer
from tests.integration.pact_peer import CLIENT, PRODUCT, SECRET, Host, document

pytestmark = pytest.mark.integration
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LIME = Wanted("lime_works", "steel", "lime", "t", PRODUCT, Compared(secondary=Decimal("1200")))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authority")


@pytest.fixture
def host(authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    with pact_peer.hosting(authority) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "authority.pem"))
        yield running


def partner(host: Host, **more: Any) -> Partner:
    known = Partner(SUPPLIER, "lime_works", host.address, host.address, 3, CLIENT, "lime-works", SECRET)
    return replace(known, **more)


def place(folder: Path, *partners: Partner, wanted: Wanted = LIME, **more: Any) -> Place:
    named = {one.name: one for one in partners}
    at = ZoneInfo("Asia/Shanghai")
    return Place(
        register.opened(folder), Lake(str(folder)), at, "https://steel.example", named, [wanted], lambda: NOW, **more
    )


def rows(where: Place) -> list[dict[str, Any]]:
    with where.register.reading() as connection:
        return [dict(row) for row in connection.execute("select * from supplier_answer order by number")]


def quarantine(where: Place) -> list[dict[str, Any]]:
    if not where.lake.exists("quarantine", "pact__reading"):
        return []
    return tablerows.read(where.lake.path("quarantine", "pact__reading")).to_pylist()


def asked(where: Place) -> asking.Asked:
    ((_, found),) = asking.ask(where)
    return found


@pytest.mark.parametrize("version", [2, 3])
def test_every_page_is_read_and_what_was_heard_before_is_nothing_new(host: Host, tmp_path: Path, version: int) -> None:
    host.records = [document("1180", version=version, comment=f"batch {number}") for number in range(5)]
    host.records.append(document("9", version=version, productIds=["urn:gtin:1"]))
    where = place(tmp_path, partner(host, version=version))
    first = asked(where)
    assert vars(first.taken) == {"judged": 5, "quarantined": 0, "repeated": 0, "withdrawn": 0, "not_asked": 0}
    assert first.states == {PRODUCT: asking.ANSWERED}
    assert len(host.tokens) == 1, "a token is used until it ends"
    assert sum(f"/{version}/footprints" in line for line in host.asked) == 3
    found = rows(where)
    row = json.loads(found[0]["row"])
    assert (row["declared_unit"], row["declared_amount"]) == ("t", "1.000000")
    assert (row["footprint_kgco2e"], row["fossil_kgco2e"]) == ("1180.000000", "1180.000000")
    assert (row["reference_from"], row["reference_to"], row["valid_to"]) == ("2025-01-01", "2026-01-01", "2029-01-01")
    assert row["primary_data_share_ratio"] == "0.625000"
    assert row["comment"].startswith("batch"), "nothing was doubted"
    assert {one["state"] for one in found} == {answers.JUDGED}
    payload = where.lake.payload(found[0]["payload_hash"]).read_bytes()
    assert found[0]["record_id"] in payload.decode(), "the page lies in the lake as it came"
    again = asked(where)
    assert (again.taken.judged, again.taken.repeated) == (0, 5)
    assert len(rows(where)) == 5
    assert tablerows.read(where.lake.path("raw", "pact__batch")).num_rows == 3


def test_a_token_that_ends_between_two_pages_is_renewed_once(host: Host, tmp_path: Path) -> None:
    host.records = [document(str(1100 + number)) for number in range(3)]
    asked_for = []

    def plan(of: Host, method: str, path: str) -> None:
        asked_for.append(path)
        if "offset" in path and len(of.tokens) == 1:
            of.token_seconds = 0
        else:
            of.token_seconds = 3600

    host.plan = plan
    found = asked(place(tmp_path, partner(host)))
    assert (found.taken.judged, found.faults) == (3, [])
    assert len(host.tokens) == 2


def test_who_has_no_right_is_told_so_and_nothing_is_repeated(host: Host, tmp_path: Path) -> None:
    found = asked(place(tmp_path, partner(host, secret="guessed")))
    assert found.states == {PRODUCT: asking.AWAY}
    assert "client id or secret is refused" in found.faults[0]
    assert sum("/auth/token" in line for line in host.asked) == 1
    with pytest.raises(SiteError, match="set the variable"):
        partner(host, secret=None).credentials()
    assert "guessed" not in repr(partner(host, secret="guessed"))


def _says(status: int, answer: bytes, **headers: str) -> Any:
    return lambda _host, _method, path: (status, answer, headers) if "footprints" in path else None


BAD = {
    "broken JSON": (_says(200, b'{"data": [{'), asking.REFUSED, "gives no JSON"),
    "no list": (_says(200, b'{"data": {}}'), asking.REFUSED, "has no `data`"),
    "not a number": (_says(200, b'{"data": [NaN]}'), asking.REFUSED, "gives no JSON"),
    "depth": (_says(200, b"[" * 200_000), asking.REFUSED, "gives no JSON"),
    "too much": (_says(200, b" " * 50_000_000), asking.REFUSED, "more than 20 MB"),
    "a fault": (_says(500, b'{"code":"InternalError","message":"oh"}'), asking.AWAY, "500 InternalError oh"),
    "a redirect": (_says(302, b"", Location="https://127.0.0.1:1/"), asking.REFUSED, "answers 302"),
    "a bad request": (_says(400, b'{"code":"BadRequest"}'), asking.REFUSED, "400 BadRequest"),
    "another host": (
        _says(200, b'{"data": []}', Link='<https://127.0.0.1:1/3/footprints>; rel="next"'),
        asking.REFUSED,
        "not on its own host",
    ),
    "plain http": (
        _says(200, b'{"data": []}', Link='<http://127.0.0.1/3/footprints>; rel="next"'),
        asking.REFUSED,
        "not an https address",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_host_that_misbehaves_is_one_sentence(host: Host, tmp_path: Path, case: str) -> None:
    host.plan, state, said = BAD[case]
    where = place(tmp_path, partner(host))
    found = asked(where)
    assert found.states == {PRODUCT: state}
    assert len(found.faults) == 1
    assert said in found.faults[0]
    assert SECRET not in found.faults[0]
    assert rows(where) == []
    assert bool(quarantine(where)) == (state == asking.REFUSED)
    asked(where)
    assert len(quarantine(where)) <= 1, "the same answer is put into quarantine once"
    assert len(host.tokens) == 2


def test_pages_that_lead_in_a_circle_end(host: Host, tmp_path: Path) -> None:
    one = document()

    def plan(of: Host, _method: str, path: str) -> Any:
        if "footprints" not in path:
            return None
        other = "b" if "page=a" in path else "a"
        link = f'<{of.address}/3/footprints?page={other}>; rel="next"'
        return 200, json.dumps({"data": [one]}).encode(), {"Link": link}

    host.plan = plan
    where = place(tmp_path, partner(host))
    found = asked(where)
    assert "lead in a circle" in found.faults[0]
    assert found.taken.judged == 1, "what came before the circle is there"


def test_a_host_that_is_away_or_slow_is_left_and_the_others_are_asked(host: Host, tmp_path: Path) -> None:
    host.records = [document()]
    away = partner(host, id="scrap_yard", url="https://127.0.0.1:9", auth_url="https://127.0.0.1:9")
    where = place(tmp_path, away, partner(host))
    where = replace(where, wanted=[LIME, replace(LIME, supplier_id="scrap_yard")])
    found = {one.id: said for one, said in asking.ask(where)}
    assert found["scrap_yard"].states == {PRODUCT: asking.AWAY}
    assert found["lime_works"].taken.judged == 1

    def drips(_of: Host, _method: str, path: str) -> Any:
        time.sleep(0.5 if "footprints" in path else 0)

    host.plan = drips
    with peer.Peer(partner(host), most_seconds=0.2) as asking_peer, pytest.raises(SourceAwayError, match="away"):
        next(asking_peer.footprints([PRODUCT]))


def test_a_secret_is_not_carried_to_where_an_answer_leads(host: Host, tmp_path: Path) -> None:
    """The token endpoint of an OpenID document may be elsewhere, but not in a private network that nobody named."""
    told = {"token_endpoint": "https://192.168.0.1/token"}

    def plan(_of: Host, _method: str, path: str) -> Any:
        return (200, json.dumps(told).encode(), {}) if "well-known" in path else None

    host.plan = plan
    found = asked(place(tmp_path, partner(host)))
    assert "private network" in found.faults[0]
    told["token_endpoint"] = f"{host.address}/auth/token"
    host.records = [document()]
    assert asked(place(tmp_path, partner(host))).taken.judged == 1
    with pytest.raises(SourceShapeError, match="not an https address"):
        peer.Peer(partner(host, url=host.address.replace("https", "http")))
    monkey = partner(host, url=host.address, auth_url=host.address)
    assert monkey.credentials() == (CLIENT, SECRET)


def test_a_certificate_of_nobody_is_no_host(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    found = asked(place(tmp_path, partner(host)))
    assert found.states == {PRODUCT: asking.AWAY}
    assert "CERTIFICATE_VERIFY_FAILED" in found.faults[0]


def test_what_cannot_be_used_lies_in_quarantine_with_its_reason_and_the_rest_goes_on(
    host: Host, tmp_path: Path
) -> None:
    host.page = 50
    host.records = [
        document(),
        document(pcf={"pcfIncludingBiogenicUptake": "7"}),
        document(pcf={"declaredUnitOfMeasurement": "piece", "productMassPerDeclaredUnit": "0"}),
        document(specVersion="2.0.0"),
        document(
            validityPeriodEnd="2026-02-01T00:00:00Z", pcf={"referencePeriodEnd": "2024-01-01T00:00:00Z",
                                                           "referencePeriodStart": "2023-01-01T00:00:00Z"}
        ),
        {"id": "x"},
        "no footprint",
    ]  # fmt: skip
    where = place(tmp_path, partner(host))
    host.records[-2:] = []
    found = asked(where)
    assert (found.taken.judged, found.taken.quarantined) == (1, 4)
    reasons = {row["record_id"]: row["reason_en"] for row in rows(where) if row["state"] == answers.QUARANTINED}
    told = [reasons[one["id"]] for one in host.records[1:]]
    assert "contradicts itself" in told[0]
    assert "does not convert into t" in told[1]
    assert "is of version 2.0.0, not 3.x" in told[2]
    assert "was valid until 2026-02-01" in told[3]
    kept = quarantine(where)
    assert len(kept) == 4
    assert all(json.loads(row["payload"])["id"] in row["reason"] for row in kept)
    assert all(row["reason_zh"] for row in rows(where) if row["state"] == answers.QUARANTINED)
    answered = answers.take(where, partner(host), b"[]", [{"id": "x"}, "no footprint"])
    assert answered.quarantined == 2
    again = asked(where)
    assert (again.taken.quarantined, again.taken.repeated, len(quarantine(where))) == (0, 5, 6)


def test_what_is_odd_is_told_to_the_reviewer(host: Host, tmp_path: Path) -> None:
    host.records = [document("3700"), document("399"), document("3600")]
    where = place(tmp_path, partner(host))
    assert asked(where).taken.judged == 3
    comments = [json.loads(row["row"]).get("comment", "") for row in rows(where)]
    assert "3.083 times the secondary value (1200)" in comments[0]
    assert "次级数据" in comments[0]
    assert "0.3325 times" in comments[1]
    assert comments[2] == "", "three times is not odd"


def test_a_record_that_the_supplier_ended_is_withdrawn(host: Host, tmp_path: Path) -> None:
    one = document()
    host.records = [one]
    where = place(tmp_path, partner(host))
    asked(where)
    corrected = document("1150", precedingPfIds=[one["id"]])
    host.records = [one | {"status": "Deprecated"}, corrected]
    found = asked(where)
    assert (found.taken.judged, found.taken.withdrawn, found.taken.quarantined) == (1, 1, 0)
    states = {row["content_hash"]: (row["record_id"], row["state"]) for row in rows(where)}
    assert (corrected["id"], answers.JUDGED) in states.values()
    assert [state for record, state in states.values() if record == one["id"]] == [answers.WITHDRAWN] * 2
    assert answers.gone(where, partner(host), corrected["id"]) == 1
    assert asked(where).taken.judged == 0, "what was withdrawn does not come back by being listed"


def test_a_request_by_event_is_sent_once_until_it_is_answered(host: Host, tmp_path: Path) -> None:
    where = place(tmp_path, partner(host, way=EVENT))
    assert asked(where).states == {PRODUCT: asking.WAITING}
    asked(where)
    with where.register.reading() as connection:
        assert connection.execute("select count(*) from ask").fetchone()[0] == 1
        assert connection.execute("select count(*) from message").fetchone()[0] == 1
