"""What a contribution to a footprint rests on: the flow, the months it was taken from, its factor or the answer."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ingestion.portal import number_pages, words
from ingestion.portal.refusal import absent
from ingestion.portal.web import Visit, as_json

#: The files of the site whose rows stand in the tree, by the kind of node.
_FILES = {"exchange": "exchanges", "answer": "supplier_footprints"}


def show(visit: Visit) -> Response:
    """Show a contribution to who may see its product and the process that it comes from."""
    tracer = visit.portal.tracer
    told = tracer.contribution(visit.request.path_params["line"]) if tracer else None
    if told is None or not _owners(visit, told.line) <= set(visit.rights.roles):
        raise absent()
    if visit.wants_json:
        return as_json(told.graph)

    def called(kind: str) -> str:
        key = f"contribution_kind_{kind}"
        return visit.say(key) if key in words.keys() else kind  # noqa: SIM118 - a function of ours

    def label(kind: str, column: str) -> str:
        return number_pages.column_name(visit, _FILES.get(kind, ""), column.replace(f"{kind}_kind", "kind"))

    facts = {
        "label": label,
        "line": told.line,
        "tree": told.tree,
        "written": number_pages.written(visit),
        "called": called,
    }
    return visit.page("contribution.html", **facts)


def _owners(visit: Visit, line: Mapping[str, Any]) -> set[str]:
    """Return who makes the product and who runs the process: of a neighbour only he is shown what he metered."""
    processes = visit.known.site.tables["processes"].select(["process_id", "organization_id"]).to_pylist()
    runs = {str(row["organization_id"]) for row in processes if row["process_id"] == line["process_id"]}
    return {str(line["organization_id"])} | runs
