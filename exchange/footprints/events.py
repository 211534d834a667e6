"""The events of PACT as both versions write them: how they are called, and what stands in them.

Clause: PACT Technical Specifications 3.0 and 2.3, Action Events.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

CREATED, FULFILLED, REJECTED, PUBLISHED = "created", "fulfilled", "rejected", "published"
_TYPES = {
    3: {
        CREATED: "org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.3",
        FULFILLED: "org.wbcsd.pact.ProductFootprint.RequestFulfilledEvent.3",
        REJECTED: "org.wbcsd.pact.ProductFootprint.RequestRejectedEvent.3",
        PUBLISHED: "org.wbcsd.pact.ProductFootprint.PublishedEvent.3",
    },
    2: {
        CREATED: "org.wbcsd.pathfinder.ProductFootprintRequest.Created.v1",
        FULFILLED: "org.wbcsd.pathfinder.ProductFootprintRequest.Fulfilled.v1",
        REJECTED: "org.wbcsd.pathfinder.ProductFootprintRequest.Rejected.v1",
        PUBLISHED: "org.wbcsd.pathfinder.ProductFootprint.Published.v1",
    },
}
_NAMES = {name: word for names in _TYPES.values() for word, name in names.items()}
#: The criteria of a request, in both versions' words: ours and version 3's, version 2's.
_LISTS = {"productId": "productIds", "companyId": "companyIds"}


def word_of(type_: str) -> str | None:
    """Return what a type is about, one of the four words; None where it is none of PACT's."""
    return _NAMES.get(type_)


def version_of(body: str) -> int:
    """Return the version that an event as `written` is of."""
    named = json.loads(body)["type"]
    return next(version for version, names in _TYPES.items() if named in names.values())


def written(version: int, word: str, event_id: str, source: str, data: Mapping[str, Any]) -> str:
    """Return an event as it is posted."""
    return json.dumps(
        {
            "type": _TYPES[version][word],
            "specversion": "1.0",
            "id": event_id,
            "source": source,
            "time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "data": dict(data),
        },
        ensure_ascii=False,
        default=str,
    )


def request(version: int, product_ids: Sequence[str], comment: str) -> dict[str, Any]:
    """Return what a request for the footprints of these products says."""
    if version >= 3:
        return {"productId": list(product_ids), "comment": comment}
    return {"pf": {"productIds": list(product_ids)}, "comment": comment}


def criteria(version: int, data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the criteria of a request as version 3's filter has them; those that are no texts are left out.

    Of a version 2 fragment the products, the companies and the country count.
    """
    if version >= 3:
        return {key: found for key, value in data.items() if key != "comment" and (found := _texts(value))}
    fragment = data.get("pf")
    fragment = fragment if isinstance(fragment, dict) else {}
    told = {ours: _texts(fragment.get(theirs)) for ours, theirs in _LISTS.items()}
    inner = fragment.get("pcf")
    told["geography"] = _texts(inner.get("geographyCountry")) if isinstance(inner, dict) else []
    return {key: found for key, found in told.items() if found}


def _texts(value: object) -> list[str]:
    many = value if isinstance(value, list) else [value]
    return [one for one in many if isinstance(one, str)]
