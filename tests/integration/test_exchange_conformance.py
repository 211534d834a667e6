"""The cases of PACT's public conformance service, by their numbers, against our host over TLS.

The service (github.com/wbcsd/pact-conformance-service, MIT) has 41 cases for V3.0 and 22 for V2.3; what it asks and
what it takes for an answer is told here anew. The footprints of the host are two or more, as it wants.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import jsonschema
import pytest

from exchange.api import schemas
from pipelines.exchange_worker import Worker
from pipelines.settings import read_settings
from tests.integration import exchange_site, pact_peer
from tests.integration.exchange_site import Running, event

pytestmark = pytest.mark.integration
CLOUD = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}
NOBODYS = "00000000-0000-0000-0000-000000000000"
BOGUS = ("urn:bogus:1f0a", "urn:bogus:2f0b", "urn:bogus:3f0c")


@dataclass
class Asked:
    """The host as the service finds it: in one version, with a token and the footprints of the first list."""

    host: Running
    requester: pact_peer.Host
    version: int
    client: httpx.Client

    @property
    def list_path(self) -> str:
        return f"/{self.version}/footprints"

    def listed(self, **criteria: Any) -> list[dict[str, Any]]:
        answer = self.client.get(self.list_path, params=criteria)
        assert answer.status_code == 200, answer.text
        found = answer.json()["data"]
        for one in found:
            jsonschema.validate(one, schemas.footprints()[self.version])
        return list(found)

    def posted(self, kind: str, data: object, **other: object) -> httpx.Response:
        body = event(self.version, kind, data, source=self.requester.address, **other)
        return self.client.post(f"/{self.version}/events", json=body, headers=CLOUD)

    def told_back(self, request: str) -> dict[str, Any]:
        """Go a round as the host's worker does; return the event that the requester got for its request."""
        place = {"NENGTAN_EXCHANGE_ADDRESS": self.host.address, "PEER_SECRET": pact_peer.SECRET}
        settings = read_settings(self.host.site, str(self.host.kept.path.parent), place)
        Worker(settings, lambda _: self.host.host).round()
        answers = [one for one in self.requester.posted if one["data"].get("requestEventId") == request]
        assert len(answers) == 1
        assert self.requester.asked.count(f"POST /{self.version}/events")
        assert answers[0]["specversion"] == "1.0"
        return answers[0]

    def with_token(self, token: str) -> httpx.Client:
        return self.host.browser(Authorization=f"Bearer {token}")

    def plain(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask over plain HTTP on the same port."""
        address = self.host.address.replace("https:", "http:") + path
        return httpx.request(method, address, timeout=30, **more)


Check = Callable[[Asked], None]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[int, Asked]]:
    """Our host, and the service's own that our events come to."""
    folder = tmp_path_factory.mktemp("conformance")
    with (
        pact_peer.hosting(folder) as requester,
        exchange_site.running(folder) as host,
        pytest.MonkeyPatch.context() as at,
    ):
        at.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
        named = "customer_id,name_zh,client_id,pact_version,pact_url,outbound_client_id,outbound_client_secret\n"
        row = f"buyer,买方,buyer-client,3,{requester.address},{pact_peer.CLIENT},${{PEER_SECRET}}\n"
        host.rewrite("customers.csv", named + row)
        client = host.signed_in("buyer-client")
        yield {version: Asked(host, requester, version, client) for version in (3, 2)}


def token_is_given(asked: Asked) -> None:
    assert asked.host.token("buyer-client")


def wrong_credentials_get_no_token(asked: Asked) -> None:
    for client_id, secret in (("nobody", "wrong"), ("buyer-client", "wrong")):
        answer = asked.host.browser().post("/auth/token", **exchange_site.credentials(client_id, secret))
        assert answer.status_code in (400, 401)
        assert answer.json()["error"] == "invalid_client"


def one_footprint_is_given(asked: Asked) -> None:
    first = asked.listed()[0]
    answer = asked.client.get(f"{asked.list_path}/{first['id']}")
    assert answer.status_code == 200
    assert answer.json() == {"data": first}


def all_footprints_are_listed(asked: Asked) -> None:
    assert len(asked.listed()) >= 2
    assert len(asked.listed()) == len(asked.listed())


def next_page_is_linked(asked: Asked) -> None:
    answer = asked.client.get(asked.list_path, params={"limit": 1})
    assert len(answer.json()["data"]) == 1
    link = re.fullmatch(r'<(https://[^>]+)>; rel="next"', answer.headers["link"])
    assert link, answer.headers
    assert httpx.URL(link[1]).netloc == httpx.URL(asked.host.address).netloc
    second = asked.client.get(link[1])
    assert second.status_code == 200
    assert second.json()["data"][0]["id"] == asked.listed()[1]["id"]


def wrong_token_lists_nothing(asked: Asked) -> None:
    refused(asked.with_token("very-invalid-access-token-1").get(asked.list_path))


def wrong_token_gets_nothing(asked: Asked) -> None:
    refused(asked.with_token("very-invalid-access-token-2").get(f"{asked.list_path}/{asked.listed()[0]['id']}"))


def unknown_footprint_is_not_found(asked: Asked) -> None:
    answer = asked.client.get(f"{asked.list_path}/{NOBODYS}")
    assert answer.status_code == 404
    assert answer.json()["code"] == {3: "NotFound", 2: "NoSuchFootprint"}[asked.version]


def no_token_over_http(asked: Asked) -> None:
    with pytest.raises(httpx.TransportError):
        asked.plain(
            "POST", "/auth/token", **exchange_site.credentials("buyer-client", asked.host.secrets["buyer-client"])
        )


def no_list_over_http(asked: Asked) -> None:
    with pytest.raises(httpx.TransportError):
        asked.plain("GET", asked.list_path, headers=asked.client.headers)


def no_footprint_over_http(asked: Asked) -> None:
    with pytest.raises(httpx.TransportError):
        asked.plain("GET", f"{asked.list_path}/{NOBODYS}", headers=asked.client.headers)


def no_event_over_http(asked: Asked) -> None:
    with pytest.raises(httpx.TransportError):
        asked.plain("POST", f"/{asked.version}/events", json={}, headers={**asked.client.headers, **CLOUD})


def request_is_taken(asked: Asked) -> None:
    taken(asked, "run/13", asked.listed()[0]["productIds"])


def hopeless_request_is_taken(asked: Asked) -> None:
    taken(asked, "run/14.B", ["urn:pact:null"])


def taken(asked: Asked, event_id: str, products: list[str]) -> None:
    """A request is acknowledged at once and waits in the register."""
    comment = {"comment": "Please send PCF data for this year."}
    told = {3: {"productId": products, **comment}, 2: {"pf": {"productIds": products}, **comment}}
    name = f"v{asked.version} {event_id}"
    answer = asked.posted(CREATED[asked.version], told[asked.version], id=name)
    assert answer.status_code == 200, answer.text
    assert answer.content == b""
    with asked.host.kept.reading() as connection:
        kept = connection.execute("select client_id, handled_at from event_in where event_id = ?", (name,)).fetchone()
    assert tuple(kept) == ("buyer-client", None)


def request_is_fulfilled(asked: Asked) -> None:
    products = asked.listed()[0]["productIds"]
    taken(asked, "run/13.B", products)
    answer = asked.told_back(f"v{asked.version} run/13.B")
    assert answer["type"] == FULFILLED[asked.version]
    assert answer["data"]["pfs"]
    for one in answer["data"]["pfs"]:
        jsonschema.validate(one, schemas.footprints()[asked.version])
        assert set(one["productIds"]) <= set(products)


def hopeless_request_is_rejected(asked: Asked) -> None:
    taken(asked, "run/14.C", ["urn:pact:null"])
    answer = asked.told_back(f"v{asked.version} run/14.C")
    assert answer["type"] == REJECTED[asked.version]
    assert answer["data"]["error"]["code"] in ("NotFound", "NoSuchFootprint")
    assert answer["data"]["error"]["message"]


def publication_is_taken(asked: Asked) -> None:
    answer = asked.posted(PUBLISHED[asked.version], {"pfIds": ["3a6c14a7-4deb-498a-b5ea-16ce2535b576"]}, id="p-1")
    assert answer.status_code == 200, answer.text


def publication_of_no_uuid_is_refused(asked: Asked) -> None:
    answer = asked.posted(PUBLISHED[asked.version], {"pfIds": ["urn:gtin:4712345060507"]}, id="p-2")
    assert answer.status_code == 400
    assert answer.json()["code"] == "BadRequest"


def wrong_token_posts_nothing(asked: Asked) -> None:
    body = event(asked.version, PUBLISHED[asked.version], {"pfIds": [NOBODYS]})
    client = asked.with_token("very-invalid-access-token-3")
    refused(client.post(f"/{asked.version}/events", json=body, headers=CLOUD))


def discovered_address_gives_a_token(asked: Asked) -> None:
    client = asked.host.browser()
    address = client.get("/.well-known/openid-configuration").json()["token_endpoint"]
    told = exchange_site.credentials("buyer-client", asked.host.secrets["buyer-client"])
    assert client.post(address, **told).json()["token_type"] == "Bearer"


def discovered_address_refuses_wrong_credentials(asked: Asked) -> None:
    client = asked.host.browser()
    address = client.get("/.well-known/openid-configuration").json()["token_endpoint"]
    assert client.post(address, **exchange_site.credentials("nobody", "wrong")).status_code in (400, 401)


def refused(answer: httpx.Response) -> None:
    assert answer.status_code in (400, 401)
    assert answer.json()["code"] == "BadRequest"
    assert "data" not in answer.json()


def chosen(name: str, value: Callable[[dict[str, Any]], Any], holds: Callable[[dict[str, Any], Any], bool]) -> Check:
    """A filter by one value of the first footprint: it is among what comes, and all of that matches."""

    def check(asked: Asked) -> None:
        first = asked.listed()[0]
        found = asked.listed(**{name: value(first)})
        assert first["id"] in [one["id"] for one in found]
        assert all(holds(one, value(first)) for one in found)

    return check


def nothing(**criteria: Any) -> Check:
    """A filter that matches nothing, which is an empty list and no error."""

    def check(asked: Asked) -> None:
        assert asked.listed(**criteria) == []

    return check


def period(one: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """The validity that a footprint has when it tells none."""
    end = datetime.fromisoformat(one["pcf"]["referencePeriodEnd"])
    return end, end.replace(year=end.year + 3)


def moved(at: datetime, days: int) -> str:
    return (at + timedelta(days=days)).isoformat()


def by_status_and_product(asked: Asked) -> None:
    first = asked.listed()[0]
    found = asked.listed(status=first["status"], productId=first["productIds"][0])
    assert found
    assert all(one["status"] == first["status"] and one["productIds"] == first["productIds"] for one in found)


def by_one_of_several_companies(asked: Asked) -> None:
    first = asked.listed()[0]
    found = asked.listed(companyId=[first["companyIds"][0], *BOGUS])
    assert found
    assert all(first["companyIds"][0] in one["companyIds"] for one in found)


def by_creation(asked: Asked) -> None:
    first = asked.listed()[0]
    found = asked.listed(**{"$filter": f"created ge '{first['created']}'"})
    assert first["id"] in [one["id"] for one in found]
    assert all(one["created"] >= first["created"] for one in found)
    assert len(found) < len(asked.listed()), "an older one is left out"


PLACES = ("geographyCountry", "geographyRegionOrSubregion", "geographyCountrySubdivision")
CREATED = {3: "RequestCreatedEvent.3", 2: "ProductFootprintRequest.Created.v1"}
FULFILLED, REJECTED = (
    {
        3: f"org.wbcsd.pact.ProductFootprint.Request{word}Event.3",
        2: f"org.wbcsd.pathfinder.ProductFootprintRequest.{word}.v1",
    }
    for word in ("Fulfilled", "Rejected")
)
PUBLISHED = {3: "PublishedEvent.3", 2: "ProductFootprint.Published.v1"}
BOTH: dict[str, Check] = {
    "1 token with valid credentials": token_is_given,
    "2 token with invalid credentials": wrong_credentials_get_no_token,
    "3 GetFootprint": one_footprint_is_given,
    "4 ListFootprints": all_footprints_are_listed,
    "5 pagination link": next_page_is_linked,
    "6 ListFootprints with invalid token": wrong_token_lists_nothing,
    "7 GetFootprint with invalid token": wrong_token_gets_nothing,
    "8 GetFootprint of an unknown id": unknown_footprint_is_not_found,
    "9 token over HTTP": no_token_over_http,
    "10 ListFootprints over HTTP": no_list_over_http,
    "11 GetFootprint over HTTP": no_footprint_over_http,
    "12 asynchronous request": request_is_taken,
    "13 fulfilled event": request_is_fulfilled,
    "14.A asynchronous request to be rejected": hopeless_request_is_taken,
    "14.B rejected event": hopeless_request_is_rejected,
    "15 published event": publication_is_taken,
    "16 event with invalid token": wrong_token_posts_nothing,
    "17 event over HTTP": no_event_over_http,
    "18 OpenID Connect flow": discovered_address_gives_a_token,
    "19 OpenID Connect flow with incorrect credentials": discovered_address_refuses_wrong_credentials,
}
V2: dict[str, Check] = {
    "20 filtered list": by_creation,
    "21 malformed published event": publication_of_no_uuid_is_refused,
}
V3: dict[str, Check] = {
    "20 productId": chosen("productId", lambda one: one["productIds"][0], lambda one, urn: urn in one["productIds"]),
    "21 companyId": chosen("companyId", lambda one: one["companyIds"][0], lambda one, urn: urn in one["companyIds"]),
    "22 geography": chosen(
        "geography",
        lambda one: next(one["pcf"][place] for place in PLACES if place in one["pcf"]),
        lambda one, place: place in [one["pcf"].get(name) for name in PLACES],
    ),
    "23 classification": chosen(
        "classification",
        lambda one: one["productClassifications"][0],
        lambda one, urn: urn in one["productClassifications"],
    ),
    "24 validOn": chosen(
        "validOn",
        lambda one: period(one)[0].isoformat(),
        lambda one, at: period(one)[0] <= datetime.fromisoformat(at) <= period(one)[1],
    ),
    "25 validAfter": chosen(
        "validAfter",
        lambda one: moved(period(one)[0], -1),
        lambda one, at: datetime.fromisoformat(at) < period(one)[0],
    ),
    "26 validBefore": chosen(
        "validBefore",
        lambda one: moved(period(one)[1], 1),
        lambda one, at: period(one)[1] < datetime.fromisoformat(at),
    ),
    "27 status": chosen("status", lambda one: one["status"], lambda one, status: one["status"] == status),
    "28 status and productId": by_status_and_product,
    "29 one of several companies": by_one_of_several_companies,
    "30 unknown productId": nothing(productId=BOGUS[0]),
    "31 unknown companyId": nothing(companyId=BOGUS[0]),
    "32 unknown geography": nothing(geography="XX"),
    "33 unknown classification": nothing(classification=BOGUS[0]),
    "34 validOn long ago": nothing(validOn="1900-01-01T00:00:00Z"),
    "35 validAfter far ahead": nothing(validAfter="2099-12-31T23:59:59Z"),
    "36 validBefore long ago": nothing(validBefore="1900-01-01T00:00:00Z"),
    "37 unknown status": nothing(status="BogusStatus1"),
    "38 unknown company and product": nothing(companyId=BOGUS[0], productId=BOGUS[1]),
    "39 none of several companies": nothing(companyId=list(BOGUS)),
    "40 malformed published event": publication_of_no_uuid_is_refused,
}
CASES = [
    *((3, name, check) for name, check in {**BOTH, **V3}.items()),
    *((2, name, check) for name, check in {**BOTH, **V2}.items()),
]


@pytest.mark.parametrize(
    ("version", "check"),
    [pytest.param(version, check, id=f"V{version} case {name}") for version, name, check in CASES],
)
def test_case(asked: Mapping[int, Asked], version: int, check: Check) -> None:
    check(asked[version])


@pytest.mark.parametrize("version", [3, 2])
def test_a_request_for_what_is_not_granted_is_answered_like_one_for_nothing(
    asked: Mapping[int, Asked], version: int
) -> None:
    """An event tells no more than a list would."""
    one, told = asked[version], []
    for name, product in (("secret", exchange_site.SECRET.product.ids[0]), ("nothing", "urn:example:product:nothing")):
        taken(one, name, [product])
        answer = one.told_back(f"v{version} {name}")
        told.append((answer["type"], answer["data"]["error"]))
    assert told[0] == told[1]
    assert told[0][0] == REJECTED[version]


def test_every_case_of_the_service_is_here() -> None:
    """41 of V3.0 and 22 of V2.3, each once."""
    numbers = {version: [name.split()[0] for one, name, _ in CASES if one == version] for version in (3, 2)}
    both = [*map(str, range(1, 14)), "14.A", "14.B", *map(str, range(15, 20))]
    assert sorted(numbers[3]) == sorted([*both, *map(str, range(20, 41))])
    assert sorted(numbers[2]) == sorted([*both, "20", "21"])
    assert (len(numbers[3]), len(numbers[2])) == (41, 22)
