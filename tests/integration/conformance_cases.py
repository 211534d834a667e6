"""What PACT's conformance service asks of a host in both versions, and who asks it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import jsonschema
import pytest

from exchange.api import schemas
from pipelines.exchange_worker import Worker
from pipelines.settings import read_settings
from tests.integration import exchange_site, pact_peer
from tests.integration.exchange_site import Running, event

CLOUD = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}
NOBODYS = "00000000-0000-0000-0000-000000000000"
CREATED = {3: "RequestCreatedEvent.3", 2: "ProductFootprintRequest.Created.v1"}
FULFILLED, REJECTED = (
    {
        3: f"org.wbcsd.pact.ProductFootprint.Request{word}Event.3",
        2: f"org.wbcsd.pathfinder.ProductFootprintRequest.{word}.v1",
    }
    for word in ("Fulfilled", "Rejected")
)
PUBLISHED = {3: "PublishedEvent.3", 2: "ProductFootprint.Published.v1"}


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
