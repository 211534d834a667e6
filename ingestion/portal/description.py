"""What programs may ask of the entry portal: `/api/*` in OpenAPI 3.1, the page of the reference is made from it."""

from typing import Any

from ingestion.portal import workflow
from ingestion.portal.kinds import monthly
from ingestion.portal.web import COOKIE

Json = dict[str, Any]
_TEXT: Json = {"type": "string"}
_OBJECT: Json = {"type": "object"}
_ERROR: Json = {"$ref": "#/components/schemas/Error"}
_MEANINGS = {
    400: "The body is not of the form that its content type says; an identifier is of no form.",
    401: "Nobody has signed in.",
    403: "The form does not carry the session's word (csrf), or comes from another page.",
    404: "There is no such thing, or none that the reader may see; both are answered alike.",
    409: "The step cannot be taken now, or the sheet was changed meanwhile.",
    413: "The body is too large, or tells no length.",
    422: "Something in the form is wrong; faults are named by line and column.",
    503: "The lake is being written; ask again.",
}


def _answer(schema: Json, *statuses: int, about: str) -> Json:
    told: Json = {"200": {"description": about, "content": {"application/json": {"schema": schema}}}}
    for status in statuses:
        error: Json = {"application/json": {"schema": _ERROR}}
        told[str(status)] = {"description": _MEANINGS[status]}
        if status not in (400, 413):  # said before anything of ours was asked
            told[str(status)]["content"] = error
    return told


def _in_path(name: str, about: str, **schema: object) -> Json:
    return {"name": name, "in": "path", "required": True, "description": about, "schema": {**_TEXT, **schema}}


def _sheet() -> list[Json]:
    return [
        _in_path("kind", "What the sheet is of", enum=sorted(monthly())),
        _in_path("organization", "An organization_id of the site"),
        _in_path("month", "A month that has begun", pattern=r"^[0-9]{4}-[0-9]{2}$"),
    ]


_LINE = _in_path(
    "line", "The lineage_id of a line: mart, month, organisation and what sets it apart, with strokes between"
)
_DELIVERY = [_LINE, _in_path("point", "A point_id"), _in_path("batch", "A batch_id of evidence.batches")]
_GRAPH: Json = {"type": "object", "required": ["nodes", "edges"]}
_SUMMARY: Json = {"type": "object", "required": ["kind", "organization_id", "month", "entry_id", "version", "state"]}
_HANDLE: Json = {"type": "object", "required": ["responseCode", "handle"]}


def _form() -> Json:
    steps = sorted({*workflow.STEPS, "submit"})
    fields: Json = {
        "csrf": {**_TEXT, "description": "The session's word; every page of the portal carries it"},
        "step": {**_TEXT, "description": f"One of {', '.join(steps)}; explain:ID or give:ID of a doubt"},
        "revision": {
            **_TEXT,
            "description": "What is changed, as it was seen: <version>.<revision>; empty for a first draft",
        },
        "words": {**_TEXT, "description": "A reason, where the step asks for one"},
    }
    return {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["csrf", "step", "revision"],
                    "properties": fields,
                    "patternProperties": {r"^r[0-9]{1,5}\.[a-z_]{1,40}$": _TEXT},
                }
            }
        },
    }


def openapi() -> Json:
    """Return the description; a test holds it complete against the routes of the application."""
    signed: Json = {"security": [{"session": []}]}
    several = {"type": "array", "items": _OBJECT}
    sheet, traces = "/api/sheets/{kind}/{organization}/{month}", "/api/trace/{line}"
    found: Json = {"type": "object", "required": ["point", "readings", "proofs"]}
    query = [
        {"name": name, "in": "query", "schema": {"type": "array", "items": schema}, "description": about}
        for name, schema, about in (
            ("index", {"type": "integer", "minimum": 1}, "Values by number"),
            ("type", _TEXT, "Values by type"),
        )
    ]
    paths: Json = {
        "/api/sheets": {
            "get": {
                "summary": "Sheets of the organisations that the reader may see",
                "responses": _answer({"type": "array", "items": _SUMMARY}, 401, 503, about="One object for each sheet"),
                **signed,
            }
        },
        sheet: {
            "parameters": _sheet(),
            "get": {
                "summary": "A sheet with its rows, faults and steps",
                "responses": _answer(_SUMMARY, 401, 404, 503, about="The latest version"),
                **signed,
            },
            "post": {
                "summary": "Write in a sheet, or take a step with it",
                "requestBody": _form(),
                "responses": _answer(_SUMMARY, 400, 401, 403, 404, 409, 413, 422, 503, about="The sheet as it is now"),
                **signed,
            },
        },
        f"{sheet}/trace": {
            "parameters": _sheet(),
            "get": {
                "summary": "Approved versions with people, workbook, payload and rows",
                "responses": _answer(several, 401, 404, 503, about="One object for each approved version"),
                **signed,
            },
        },
        traces: {
            "parameters": [_LINE],
            "get": {
                "summary": "What a line of carbon.emissions_monthly rests on",
                "responses": _answer(_GRAPH, 401, 404, 503, about="Nodes and edges"),
                **signed,
            },
        },
        "/api/trace/footprint.contributions/{line}": {
            "parameters": [_LINE],
            "get": {
                "summary": "What a line of footprint.contributions rests on",
                "responses": _answer(_GRAPH, 401, 404, 503, about="Nodes and edges"),
                **signed,
            },
        },
        f"{traces}/readings/{{point}}/{{batch}}": {
            "parameters": _DELIVERY,
            "get": {
                "summary": "Raw readings of a point that a delivery brought",
                "responses": _answer(
                    found, 401, 404, 503, about="Readings as they came in, with proofs to the signed head"
                ),
                **signed,
            },
        },
        "/api/handles/{handle}": {
            "parameters": [_in_path("handle", "An identifier: prefix, stroke, suffix")],
            "get": {
                "summary": "Resolve an identifier as a Handle proxy does",
                "parameters": query,
                "responses": {
                    status: {"description": about, "content": {"application/json": {"schema": schema}}}
                    for status, about, schema in (
                        ("200", "Its values (responseCode 1), or none that was asked for (200)", _HANDLE),
                        ("400", "It has no form of an identifier (102)", _HANDLE),
                        # an end of line ends an address before it comes to identifiers
                        ("404", "It is not there, or not for the reader (100)", {"anyOf": [_HANDLE, _ERROR]}),
                    )
                },
            },
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Nengtan entry portal 能碳填报门户", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error", "message"],
                    "properties": {"error": _TEXT, "message": _TEXT},
                }
            },
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": COOKIE}},
        },
    }
