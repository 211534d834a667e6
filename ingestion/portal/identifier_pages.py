"""Resolves industrial-internet identifiers: for a program as a Handle proxy answers, for people as a page."""

from starlette.responses import Response

from ingestion.portal import identifiers
from ingestion.portal.identifiers import STATUS, SUCCESS
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.web import Visit, as_json


def answer(visit: Visit) -> Response:
    """Answer as `/api/handles/<prefix>/<suffix>` of a Handle proxy does; `index` and `type` choose values."""
    found = _resolved(visit)
    asked = visit.request.query_params
    indexes = [int(text) for text in asked.getlist("index") if text.isdecimal()]
    record = found.record(visit.known.read_at, indexes, asked.getlist("type"))
    return as_json(record, STATUS[record["responseCode"]])


def show(visit: Visit) -> Response:
    """Show what an identifier stands for."""
    found = _resolved(visit)
    if found.code != SUCCESS:
        raise absent() if found.code == identifiers.NOT_FOUND else Refusal("no_identifier", 400)
    return visit.page("identifier.html", handle=found.handle, facts=found.facts)


def register(visit: Visit) -> Response:
    """Show the identifiers of the organisations that the reader may see."""
    mine = list(visit.rights.roles)
    if not mine:
        raise absent()
    return visit.page("identifiers.html", found=identifiers.listed(visit.known, mine))


def _resolved(visit: Visit) -> identifiers.Resolved:
    return identifiers.resolve(visit.request.path_params["handle"], visit.known, visit.rights.roles)
