"""The cases of PACT's public conformance service, by their numbers, against our host over TLS.

The service (github.com/wbcsd/pact-conformance-service, MIT) has 41 cases for V3.0 and 22 for V2.3; what it asks and
what it takes for an answer is told here anew. The footprints of the host are two or more, as it wants.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.integration import conformance_cases as cases
from tests.integration import exchange_site, pact_peer
from tests.integration.conformance_cases import Asked, Check

pytestmark = pytest.mark.integration
BOGUS = ("urn:bogus:1f0a", "urn:bogus:2f0b", "urn:bogus:3f0c")


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
BOTH: dict[str, Check] = {
    "1 token with valid credentials": cases.token_is_given,
    "2 token with invalid credentials": cases.wrong_credentials_get_no_token,
    "3 GetFootprint": cases.one_footprint_is_given,
    "4 ListFootprints": cases.all_footprints_are_listed,
    "5 pagination link": cases.next_page_is_linked,
    "6 ListFootprints with invalid token": cases.wrong_token_lists_nothing,
    "7 GetFootprint with invalid token": cases.wrong_token_gets_nothing,
    "8 GetFootprint of an unknown id": cases.unknown_footprint_is_not_found,
    "9 token over HTTP": cases.no_token_over_http,
    "10 ListFootprints over HTTP": cases.no_list_over_http,
    "11 GetFootprint over HTTP": cases.no_footprint_over_http,
    "12 asynchronous request": cases.request_is_taken,
    "13 fulfilled event": cases.request_is_fulfilled,
    "14.A asynchronous request to be rejected": cases.hopeless_request_is_taken,
    "14.B rejected event": cases.hopeless_request_is_rejected,
    "15 published event": cases.publication_is_taken,
    "16 event with invalid token": cases.wrong_token_posts_nothing,
    "17 event over HTTP": cases.no_event_over_http,
    "18 OpenID Connect flow": cases.discovered_address_gives_a_token,
    "19 OpenID Connect flow with incorrect credentials": cases.discovered_address_refuses_wrong_credentials,
}
V2: dict[str, Check] = {
    "20 filtered list": by_creation,
    "21 malformed published event": cases.publication_of_no_uuid_is_refused,
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
    "40 malformed published event": cases.publication_of_no_uuid_is_refused,
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
        cases.taken(one, name, [product])
        answer = one.told_back(f"v{version} {name}")
        told.append((answer["type"], answer["data"]["error"]))
    assert told[0] == told[1]
    assert told[0][0] == cases.REJECTED[version]


def test_every_case_of_the_service_is_here() -> None:
    """41 of V3.0 and 22 of V2.3, each once."""
    numbers = {version: [name.split()[0] for one, name, _ in CASES if one == version] for version in (3, 2)}
    both = [*map(str, range(1, 14)), "14.A", "14.B", *map(str, range(15, 20))]
    assert sorted(numbers[3]) == sorted([*both, *map(str, range(20, 41))])
    assert sorted(numbers[2]) == sorted([*both, "20", "21"])
    assert (len(numbers[3]), len(numbers[2])) == (41, 22)
