"""Lists and single footprints, for v3 and v2: what one may not see is answered like what does not exist."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse

from exchange.api import address, criteria, odata, paging
from exchange.api.host import Host
from exchange.api.paging import Asked
from exchange.api.records import Seen
from exchange.api.refusal import NO_SUCH_FOOTPRINT, NOT_FOUND, Refusal
from exchange.api.visit import Given, Visit

FILTER = "$filter"
Criteria = Mapping[str, Sequence[str]]


def listed(host: Host, request: Request, visit: Visit, version: int) -> Given:
    """Answer a list: a page of what the client may see and asks for, with the link to the next page."""
    asked = _asked(request, visit.client_id, version)
    found = _CHOSEN[version](host.visible(visit.party, visit.at, version), asked.criteria)
    page = paging.page(host, asked, found, visit.at)
    told = {"data": [one.body(version) for one in page.records]}
    headers = {}
    if page.cursor:
        kept = [(key, value) for key, value in request.query_params.multi_items() if key != "cursor"]
        query = urlencode([*kept, ("cursor", page.cursor)])
        headers["Link"] = f'<{address.of_request(host, request)}{request.url.path}?{query}>; rel="next"'
    return Given(JSONResponse(told, headers=headers), [one.record.record_id for one in page.records])


def single(host: Host, visit: Visit, version: int, record_id: str) -> Given:
    """Answer with one footprint that the client may see; raises Refusal for any other id."""
    for one in host.visible(visit.party, visit.at, version):
        if one.record.record_id == record_id.lower():
            return Given(JSONResponse({"data": one.body(version)}), [one.record.record_id])
    code = NOT_FOUND if version == 3 else NO_SUCH_FOOTPRINT
    raise Refusal(404, "there is no footprint with this id", code)


def _asked(request: Request, client_id: str, version: int) -> Asked:
    told: dict[str, list[str]] = {}
    for key, value in request.query_params.multi_items():
        told.setdefault(key, []).append(value)
    limits, cursors = told.pop("limit", []), told.pop("cursor", [])
    limit = _limit(limits[-1]) if limits else None
    if version == 3:
        criteria.refuse_unknown(told)
    known = criteria.TESTS if version == 3 else (FILTER,)
    return Asked(
        client_id, version, {key: told[key] for key in known if key in told}, limit, cursors[-1] if cursors else None
    )


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) == 0:
        raise Refusal(400, "limit is a whole number above zero")
    return int(text)


def _by_filter(seen: Sequence[Seen], told: Criteria) -> list[Seen]:
    statements = [statement for statement in told.get(FILTER, ()) if statement.strip()]
    tests = [odata.parsed(statement) for statement in statements]
    return [one for one in seen if all(test(one.document(2)) for test in tests)]


_CHOSEN: Mapping[int, Callable[[Sequence[Seen], Criteria], list[Seen]]] = {3: criteria.matching, 2: _by_filter}
