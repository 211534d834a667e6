"""A customer sees what was granted and nothing else, whichever way it asks; what was taken away stops at once."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from exchange.api import accesses, app, clients
from lake import sqlitefile
from tests.integration import exchange_site
from tests.integration.exchange_site import CLINKER, OLD, SECRET, STEEL, Running, identified

pytestmark = pytest.mark.integration
CLOUD = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}
UNKNOWN = identified(99)


@pytest.fixture
def host(tmp_path) -> Iterator[Running]:
    with exchange_site.running(tmp_path) as running:
        yield running


def seen(client: httpx.Client, version: int = 3, **criteria: Any) -> set[str]:
    answer = client.get(f"/{version}/footprints", params=criteria)
    assert answer.status_code == 200, answer.text
    return {one["id"] for one in answer.json()["data"]}


def test_a_list_has_what_was_granted_to_who_asks(host: Running) -> None:
    buyer, rival = host.signed_in("buyer-client"), host.signed_in("rival")
    for version in (3, 2):
        assert seen(buyer, version) == {CLINKER.record_id, STEEL.record_id, OLD.record_id}, "deprecated ones too"
        assert seen(rival, version) == {SECRET.record_id}, "a grant of clinker has ended"
    assert seen(host.signed_in("lime-client")) == set(), "a supplier is no customer"


def test_what_is_not_granted_is_answered_like_what_does_not_exist(host: Running) -> None:
    buyer = host.signed_in("buyer-client")
    for version in (3, 2):
        answers = [buyer.get(f"/{version}/footprints/{one}") for one in (SECRET.record_id, UNKNOWN)]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        told = ("date",)
        kept = [{key: value for key, value in one.headers.items() if key not in told} for one in answers]
        assert kept[0] == kept[1]
    with host.kept.reading() as connection:
        assert [row["records"] for row in accesses.lines(connection, "buyer", 4)] == ["[]"] * 4


def test_no_filter_tells_of_what_is_not_granted(host: Running) -> None:
    """Asking for it by any criterion gets the very answer that asking for nonsense gets."""
    buyer = host.signed_in("buyer-client")
    secret_product, nonsense = SECRET.product.ids[0], "urn:example:product:nonsense"
    for criteria in ({"productId": secret_product}, {"productId": [secret_product, nonsense]}):
        assert seen(buyer, **criteria) == set()
    assert SECRET.record_id not in seen(buyer, companyId=SECRET.company.ids[0])
    statement = "productIds/any(p:(p eq '{}'))"
    found = [
        buyer.get("/2/footprints", params={"$filter": statement.format(one)}) for one in (secret_product, nonsense)
    ]
    assert [one.text for one in found] == ['{"data":[]}', '{"data":[]}']
    assert SECRET.record_id not in seen(buyer, 2, **{"$filter": "created ge '2000-01-01T00:00:00Z'"})


def test_pages_count_only_what_may_be_seen(host: Running) -> None:
    """No page is shorter, no link more than what the client may see; another's link is worth nothing."""
    buyer, rival = host.signed_in("buyer-client"), host.signed_in("rival")
    assert "link" not in buyer.get("/3/footprints", params={"limit": 3}).headers
    assert "link" not in rival.get("/3/footprints", params={"limit": 1}).headers
    link = linked(buyer.get("/3/footprints", params={"limit": 1}))
    stolen = rival.get(link)
    assert stolen.status_code == 400
    assert "data" not in stolen.json()
    for other in (link.replace("limit=1", "limit=2"), f"{link}x", link.replace("/3/", "/2/"), f"{link}&status=Active"):
        assert buyer.get(other).status_code == 400
    assert buyer.get(link).status_code == 200


def linked(answer: httpx.Response) -> str:
    found = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers["link"])
    assert found
    return found[1]


def test_pages_are_the_list_and_stay_what_they_are(host: Running) -> None:
    """Page by page gives each record once, again and again, whatever is released meanwhile."""
    buyer = host.signed_in("buyer-client")
    first = buyer.get("/3/footprints", params={"limit": 1})
    host.shelf.records.insert(0, exchange_site.written(exchange_site.footprint(7, "clinker"), sqlitefile.now()))
    links, ids = [linked(first)], [one["id"] for one in first.json()["data"]]
    while True:
        page = buyer.get(links[-1])
        ids += [one["id"] for one in page.json()["data"]]
        if "link" not in page.headers:
            break
        links.append(linked(page))
    assert ids == [CLINKER.record_id, STEEL.record_id, OLD.record_id]
    assert [buyer.get(link).json()["data"][0]["id"] for link in links] == ids[1:]
    assert identified(7) in seen(buyer), "a new list has it"


def test_a_link_lasts_a_while_and_ends(host: Running) -> None:
    assert host.host.policy.link >= timedelta(seconds=180)
    with exchange_site.running(host.site.parent / "short", exchange_site.Policy(link=timedelta(0))) as short:
        client = short.signed_in("buyer-client")
        assert client.get(linked(client.get("/3/footprints", params={"limit": 1}))).status_code == 400


def test_of_no_address_a_rival_learns_what_was_not_granted(host: Running) -> None:
    """Every address of the host, later ones too, with another's record and the token of who may not have it."""
    buyer, tried = host.signed_in("buyer-client"), 0
    secret = {SECRET.record_id, SECRET.product.product_id, *SECRET.product.ids}
    assert secret <= set(re.findall(r"[\w:.-]+", host.signed_in("rival").get("/3/footprints").text)) | {"secret_steel"}
    for path, ways in app.described(host.host).openapi()["paths"].items():
        for method in ways:
            tried += 1
            body = {"json": exchange_site.event(3, "RequestCreatedEvent.3", {"productId": sorted(secret)})}
            asked = path.replace("{record_id}", SECRET.record_id)
            answer = buyer.request(method, asked, **(body if method == "post" else {"params": {"limit": 100}}))
            assert answer.status_code < 500, asked
            assert not [word for word in secret if word in answer.text], asked
    assert tried >= 8


def test_process_detail_is_for_whom_it_was_agreed_with(host: Running) -> None:
    buyer, reader = host.signed_in("buyer-client"), host.signed_in("reader")
    for version in (3, 2):
        granted = buyer.get(f"/{version}/footprints/{STEEL.record_id}").json()["data"]
        parts = granted["extensions"][0]["data"]["contributions"]
        assert {one["process"] for one in parts} == {"kiln", "bagging"}
        total = granted["pcf"][{3: "pcfExcludingBiogenicUptake", 2: "pCfExcludingBiogenic"}[version]]
        assert sum(Decimal(one["contribution"]) for one in parts) == Decimal(total)
        assert "bag_maker" not in str(granted), "suppliers are not named"
        for client in (buyer, reader):
            told = client.get(f"/{version}/footprints/{CLINKER.record_id}").json()["data"]
            assert "extensions" not in told
            assert "kiln" not in str(told)


def test_texts_are_in_the_customer_s_language(host: Running) -> None:
    for client_id, name in (("buyer-client", "Portland cement"), ("reader", "普通硅酸盐水泥")):
        for version in (3, 2):
            told = host.signed_in(client_id).get(f"/{version}/footprints/{CLINKER.record_id}").json()["data"]
            assert told["productNameCompany"] == name


def test_a_grant_that_is_taken_out_stops_with_the_next_request(host: Running) -> None:
    buyer = host.signed_in("buyer-client")
    link = linked(buyer.get("/3/footprints", params={"limit": 1}))
    host.rewrite("customer_grants.csv", exchange_site.GRANTS.replace("buyer,crude_steel,process,,,contract\n", ""))
    assert seen(buyer) == {CLINKER.record_id, OLD.record_id}
    assert buyer.get(f"/3/footprints/{STEEL.record_id}").status_code == 404
    assert STEEL.record_id not in buyer.get(link).text
    host.rewrite("customer_grants.csv", exchange_site.GRANTS.replace("process,,,", "process,,2026-01-01,"))
    assert seen(buyer) == {CLINKER.record_id, OLD.record_id}, "it has ended"
    host.rewrite("customer_grants.csv", exchange_site.GRANTS.replace("process,,,", "process,2199-01-01,,"))
    assert seen(buyer) == {CLINKER.record_id, OLD.record_id}, "it has not begun"
    host.rewrite(
        "customer_grants.csv", exchange_site.GRANTS.replace("buyer,crude_steel,process,", "buyer,crude_steel,all,")
    )
    assert seen(buyer) == {CLINKER.record_id, OLD.record_id}, "a row with a fault allows nothing"
    for broken in ("customer_id,product_id\n", '"', ""):
        host.rewrite("customer_grants.csv", broken)
        assert seen(buyer) == set(), "a file that cannot be read allows nothing"
    host.rewrite("customer_grants.csv", exchange_site.GRANTS)
    assert STEEL.record_id in seen(buyer)


def test_a_customer_that_is_none_any_more_is_let_in_no_more(host: Running) -> None:
    buyer = host.signed_in("buyer-client")
    host.rewrite("customers.csv", exchange_site.CUSTOMERS.replace("/pact,true", "/pact,false"))
    assert buyer.get("/3/footprints").status_code == 401
    told = exchange_site.credentials("buyer-client", host.secrets["buyer-client"])
    assert host.browser().post("/auth/token", **told).status_code == 401
    host.rewrite("customers.csv", exchange_site.CUSTOMERS.replace("buyer-client", "another-client"))
    assert buyer.get("/3/footprints").status_code == 401, "the id is not this customer's any more"
    host.rewrite("customers.csv", exchange_site.CUSTOMERS + "buyer,另一行,buyer-client,3,https://buyer.example,true,\n")
    assert buyer.get("/3/footprints").status_code == 401, "of two rows nobody knows which is meant"
    host.rewrite("customers.csv", exchange_site.CUSTOMERS)
    assert buyer.get("/3/footprints").status_code == 200


def test_a_revoked_or_rotated_client_stops_with_the_next_request(host: Running) -> None:
    buyer, rival = host.signed_in("buyer-client"), host.signed_in("rival")
    with host.kept.writing() as connection:
        clients.revoke(connection, "buyer-client")
        secret = clients.rotate(connection, "rival")
    for client in (buyer, rival):
        answer = client.get("/3/footprints")
        assert (answer.status_code, answer.json()["code"]) == (401, "BadRequest")
    browser = host.browser()
    for client_id in ("buyer-client", "rival"):
        told = exchange_site.credentials(client_id, host.secrets[client_id])
        assert browser.post("/auth/token", **told).json()["error"] == "invalid_client"
    assert browser.post("/auth/token", **exchange_site.credentials("rival", secret)).status_code == 200
    with host.kept.writing() as connection:
        party = host.host.book.named("buyer")[0]
        host.secrets["buyer-client"] = clients.add(connection, party)
    assert buyer.get("/3/footprints").status_code == 401, "its old token stays ended"
    assert seen(host.signed_in("buyer-client"))


def test_a_secret_that_ended_opens_nothing_until_it_is_rotated(host: Running) -> None:
    """Only who knows it is told so; the log has the refusal."""
    browser = host.browser()
    with host.kept.writing() as connection:
        secret = clients.rotate(connection, "reader")
        connection.execute("update client set rotated_at = '2020-01-01T00:00:00+00:00' where client_id = 'reader'")
    told = browser.post("/auth/token", **exchange_site.credentials("reader", secret))
    assert (told.status_code, told.json()["error"]) == (401, "invalid_client")
    assert "ended" in told.json()["error_description"]
    guessed = browser.post("/auth/token", **exchange_site.credentials("reader", "guessed"))
    assert "ended" not in guessed.json()["error_description"]
    with host.kept.writing() as connection:
        host.secrets["reader"] = clients.rotate(connection, "reader")
    assert browser.post("/auth/token", **exchange_site.credentials("reader", host.secrets["reader"])).status_code == 200


def test_an_expired_token_says_so_and_stops(tmp_path) -> None:
    with exchange_site.running(tmp_path, exchange_site.Policy(token=timedelta(0))) as host:
        buyer = host.signed_in("buyer-client")
        for answer in (buyer.get("/3/footprints"), buyer.get(f"/2/footprints/{CLINKER.record_id}")):
            assert answer.status_code == 401
            assert answer.json()["code"] == "TokenExpired"
            assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_an_organisation_s_customer_sees_that_organisation_s_products(host: Running) -> None:
    """`clinker` of another member with the same product id is no affair of who deals with the mill alone."""
    other = exchange_site.written(exchange_site.footprint(8, "clinker"), organization="steel")
    host.shelf.records.append(other)
    assert identified(8) in seen(host.signed_in("buyer-client"))
    rows = exchange_site.CUSTOMERS.replace("language\n", "organization_id\n").replace(",zh\n", ",\n")
    for owner, sees in (("mill", False), ("park", True), ("steel", True)):
        host.rewrite("customers.csv", rows.replace("/pact,true,", f"/pact,true,{owner}"))
        assert (identified(8) in seen(host.signed_in("buyer-client"))) is sees, owner


def test_events_come_from_where_their_sender_is_known(host: Running) -> None:
    """Whatever stands in `source`, nothing is sent there; and it has to be the sender's own address."""
    buyer, lime = host.signed_in("buyer-client"), host.signed_in("lime-client")

    def posted(client: httpx.Client, source: str, name: str) -> int:
        told = exchange_site.event(3, "PublishedEvent.3", {"pfIds": [UNKNOWN]}, source=source, id=name)
        return client.post("/3/events", json=told, headers=CLOUD).status_code

    for number, good in enumerate(
        ("https://buyer.example/pact", "//buyer.example/pact/3/events", "https://BUYER.example:443/pact/")
    ):
        assert posted(buyer, good, f"good-{number}") == 200, good
    bad = (
        "https://buyer.example", "https://buyer.example/pactual", "https://buyer.example.evil.example/pact",
        "https://evil.example/pact", "https://evil.example@buyer.example/pact", "https://buyer.example@evil.example/pact",
        "http://buyer.example/pact", "https://buyer.example:8443/pact", "https://127.0.0.1/pact", "https://lime.example/api",
        "file:///etc/passwd", "https://buyer.example/pact/../admin", "https://buyer.example/pact?x=1", "pact", "https://[",
        "https://buyer.example/pact#x", "https://buyer.example\\@evil.example/pact", "https://buyer.example/pact\n",
    )  # fmt: skip
    for number, one in enumerate(bad):
        assert posted(buyer, one, f"bad-{number}") == 400, one
    assert posted(lime, "https://lime.example/api/3/events", "lime") == 200
    with host.kept.reading() as connection:
        rows = connection.execute("select client_id, event_id from event_in order by event_id").fetchall()
    assert [tuple(row) for row in rows] == [
        *(("buyer-client", f"good-{number}") for number in range(3)),
        ("lime-client", "lime"),
    ]


def test_who_was_given_what_is_kept_and_cannot_be_changed(host: Running) -> None:
    buyer = host.browser(Authorization=f"Bearer {host.token('buyer-client')}")
    seen(buyer, status="Active")
    buyer.get(f"/3/footprints/{SECRET.record_id}")
    host.browser(Authorization="Bearer nonsense").get("/2/footprints")
    with host.kept.reading() as connection:
        lines = [dict(row) for row in accesses.lines(connection, None, 10)]
        assert accesses.broken_at(connection) is None
    told = [(one["party_id"], one["act"], one["subject"], one["status"]) for one in lines]
    assert told == [
        ("buyer", "token", "client buyer-client", 200),
        ("buyer", "list", "/3/footprints?status=Active", 200),
        ("buyer", "get", f"/3/footprints/{SECRET.record_id}", 404),
        (None, "list", "/2/footprints", 401),
    ]
    assert lines[1]["records"] == f'["{CLINKER.record_id}", "{STEEL.record_id}"]'
    for statement in ("update access set status = 404", "delete from access"):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"), host.kept.writing() as connection:
            connection.execute(statement)
    with host.kept.writing() as connection:
        connection.execute("drop trigger access_is_not_changed")
        connection.execute("update access set records = '[]' where number = 2")
    with host.kept.reading() as connection:
        assert accesses.broken_at(connection) == 2


def test_neither_secrets_nor_tokens_are_kept_or_logged(host: Running, caplog) -> None:
    caplog.set_level("DEBUG")
    token = host.token("buyer-client")
    host.browser(Authorization=f"Bearer {token}").get("/3/footprints")
    host.browser().post("/auth/token", **exchange_site.credentials("buyer-client", "a-guess-of-mine"))
    kept = b"".join(path.read_bytes() for path in host.kept.path.parent.glob("exchange.sqlite*"))
    for secret in (token, host.secrets["buyer-client"], "a-guess-of-mine"):
        assert secret.encode() not in kept
        assert secret not in caplog.text
    assert host.kept.path.stat().st_mode & 0o077 == 0
