"""Events that come in: a CloudEvent of the four types, from the address that its sender is known by.

Only its form is judged here; what it means is the inbox's affair. A request is answered later, with an event of ours.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.responses import Response

from exchange.api import address, criteria
from exchange.api.host import Host
from exchange.api.refusal import Refusal
from exchange.api.visit import Given, Visit
from exchange.footprints import inbox

MEDIA_TYPE = "application/cloudevents+json"
_V3, _V2 = "org.wbcsd.pact.ProductFootprint.", "org.wbcsd.pathfinder."
_LONGEST = 1000
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LISTS = ("productId", "companyId", "geography", "classification")
_TIMES = ("validOn", "validAfter", "validBefore")

Event = dict[str, Any]


def received(host: Host, visit: Visit, version: int, content_type: str, content: bytes) -> Given:
    """Take an event in; raises Refusal where it is none of the four types, or not from who sends it."""
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Refusal(415, f"the content type has to be {MEDIA_TYPE}")
    event = parsed(content)
    checked(event, version)
    if not address.is_from(visit.party.pact_url, event["source"]):
        raise Refusal(400, "source is not the address that you are registered with here")
    with host.register.writing() as connection:
        inbox.receive(connection, visit.client_id, version, event, visit.at, content.decode())
    return Given(Response(status_code=200), (), f"/{version}/events {event['type']} {event['id']}")


def parsed(content: bytes) -> Event:
    """Return the JSON object of a body; raises Refusal where it is none, or a number of it is no number of JSON."""
    try:
        event = json.loads(content.decode(), parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as cause:
        raise Refusal(400, "the body is no JSON") from cause
    if not isinstance(event, dict):
        raise Refusal(400, "the body is no JSON object")
    return event


def checked(event: Event, version: int) -> None:
    """Raise Refusal where an event has not the form of its type."""
    _text(event, "type", "id", "source", "specversion", *(("time",) if version == 3 else ()))
    if event["specversion"] != "1.0":
        raise Refusal(400, "specversion has to be 1.0")
    if "time" in event:
        _time(event["time"], "time")
    check = _TYPES[version].get(event["type"])
    if check is None:
        raise Refusal(400, f"type has to be one of {', '.join(_TYPES[version])}")
    data = event.get("data")
    if not isinstance(data, dict):
        raise Refusal(400, "data has to be an object")
    check(data)


def _asked_by_criteria(data: Mapping[str, Any]) -> None:
    criteria.refuse_unknown(data)
    for key in _LISTS:
        values = data.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise Refusal(400, f"data.{key} has to be a list of texts")
    for key in _TIMES:
        if key in data:
            _time(data[key], f"data.{key}")
    for key in ("status", "comment"):
        if not isinstance(data.get(key, ""), str):
            raise Refusal(400, f"data.{key} has to be a text")


def _asked_by_fragment(data: Mapping[str, Any]) -> None:
    fragment = data.get("pf")
    if not isinstance(fragment, dict):
        raise Refusal(400, "data.pf has to be an object")
    for key in ("productIds", "companyIds"):
        values = fragment.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise Refusal(400, f"data.pf.{key} has to be a list of texts")
    if not isinstance(data.get("comment", ""), str):
        raise Refusal(400, "data.comment has to be a text")


def _fulfilled(data: Mapping[str, Any]) -> None:
    _text(data, "requestEventId", at="data.")
    found = data.get("pfs")
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise Refusal(400, "data.pfs has to be a list of at least one footprint")


def _rejected(data: Mapping[str, Any]) -> None:
    _text(data, "requestEventId", at="data.")
    if not isinstance(data.get("error"), dict):
        raise Refusal(400, "data.error has to be an object")
    _text(data["error"], "code", "message", at="data.error.")


def _published(data: Mapping[str, Any]) -> None:
    found = data.get("pfIds")
    if not isinstance(found, list) or not found or not all(is_uuid(one) for one in found):
        raise Refusal(400, "data.pfIds has to be a list of at least one UUID")


def is_uuid(value: object) -> bool:
    """Whether a value is the text of a UUID."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None and UUID(value) is not None


def _text(found: Mapping[str, Any], *names: str, at: str = "") -> None:
    for name in names:
        value = found.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
            raise Refusal(400, f"{at}{name} has to be a text of at most {_LONGEST} characters")


def _time(value: object, name: str) -> None:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise Refusal(400, f"{name} is no time of RFC 3339")
    criteria.instant(value.upper(), name)


def _no_number(text: str) -> float:
    raise ValueError(text)


def _finite(text: str) -> float:
    found = float(text)
    return found if math.isfinite(found) else _no_number(text)


_TYPES: Mapping[int, Mapping[str, Callable[[Mapping[str, Any]], None]]] = {
    3: {
        f"{_V3}RequestCreatedEvent.3": _asked_by_criteria,
        f"{_V3}RequestFulfilledEvent.3": _fulfilled,
        f"{_V3}RequestRejectedEvent.3": _rejected,
        f"{_V3}PublishedEvent.3": _published,
    },
    2: {
        f"{_V2}ProductFootprintRequest.Created.v1": _asked_by_fragment,
        f"{_V2}ProductFootprintRequest.Fulfilled.v1": _fulfilled,
        f"{_V2}ProductFootprintRequest.Rejected.v1": _rejected,
        f"{_V2}ProductFootprint.Published.v1": _published,
    },
}


def types(version: int) -> Sequence[str]:
    """Return the types of events that a version knows: request, answer, rejection, publication."""
    return tuple(_TYPES[version])
