"""The host's description in OpenAPI 3.1: what each address takes and gives, and in which form it refuses."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from exchange.api import events

Json = dict[str, Any]
TITLE = "Nengtan product footprint exchange"
_TEXT: Json = {"type": "string"}
_SCHEMAS = "#/components/schemas/"


def _of(name: str) -> Json:
    return {"$ref": _SCHEMAS + name}


def _json(description: str, schema: Json, **more: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}, **more}


def _errors(*statuses: int) -> dict[int | str, Json]:
    return {status: _json(_MEANINGS[status], _of("Error"), **_HEADERS.get(status, {})) for status in statuses}


_MEANINGS: Mapping[int, str] = {
    400: "The request is not of the form that is described here.",
    401: "The access token is missing, not valid or has expired (TokenExpired).",
    404: "There is no such footprint, or none that this client may see.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    429: "Too many requests.",
    500: "The request could not be answered.",
}
_HEADERS: Mapping[int, Json] = {
    401: {"headers": {"WWW-Authenticate": {"required": True, "schema": _TEXT}}},
    429: {"headers": {"Retry-After": {"required": True, "description": "Seconds", "schema": _TEXT}}},
}
_SECURED: Json = {"security": [{"ClientCredentials": []}]}
_LINK: Json = {
    "Link": {"required": False, "description": 'Leads to the next page: `<…>; rel="next"`', "schema": _TEXT},
}


def _query(name: str, description: str, schema: Json, *, many: bool = False) -> Json:
    told = {"type": "array", "items": schema} if many else schema
    return {"name": name, "in": "query", "required": False, "description": description, "schema": told}


_LIMIT = _query("limit", "At most so many footprints", {"type": "integer", "minimum": 1, "maximum": 999_999_999})
_CURSOR = _query("cursor", "Stands in the link to a next page", _TEXT)
_TIME: Json = {"type": "string", "format": "date-time"}
#: As criteria are read: a time, a day for its first instant, and nothing asks for nothing.
_MOMENT: Json = {"anyOf": [_TIME, {"type": "string", "format": "date"}, {"const": ""}]}
_CRITERIA = [
    _query("productId", "Footprints with one of these product ids", _TEXT, many=True),
    _query("companyId", "Footprints of one of these companies", _TEXT, many=True),
    _query("geography", "Footprints of one of these regions, countries or subdivisions", _TEXT, many=True),
    _query("classification", "Footprints with one of these classifications", _TEXT, many=True),
    _query("validOn", "Footprints that were valid at this time", _MOMENT),
    _query("validAfter", "Footprints whose validity begins after this time", _MOMENT),
    _query("validBefore", "Footprints whose validity ends before this time", _MOMENT),
    _query("status", "Active or Deprecated", _TEXT),
]
_FILTER = _query(
    "$filter",
    "OData: eq, lt, le, gt, ge on created, updated, productCategoryCpc, pcf/geographyCountry, "
    "pcf/referencePeriodStart, pcf/referencePeriodEnd; any with eq on companyIds, productIds; and",
    _TEXT,
)


def _listing(version: int) -> Json:
    parameters = [_LIMIT, _CURSOR, *(_CRITERIA if version == 3 else [_FILTER])]
    schema: Json = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": {"type": "array", "items": _of(f"ProductFootprintV{version}")}},
    }
    return {
        "responses": {200: _json("The footprints", schema, headers=_LINK), **_errors(400, 401, 429, 500)},
        "openapi_extra": {**_SECURED, "parameters": parameters},
    }


def _single(version: int) -> Json:
    schema: Json = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": _of(f"ProductFootprintV{version}")},
    }
    told = {
        "name": "record_id",
        "in": "path",
        "required": True,
        "description": "The footprint's id",
        "schema": {"type": "string", "format": "uuid"},
    }
    return {
        "responses": {200: _json("The footprint", schema), **_errors(401, 404, 429, 500)},
        "openapi_extra": {**_SECURED, "parameters": [told]},
    }


def _posting(version: int) -> Json:
    return {
        "responses": {
            200: {"description": "The event was taken; what is asked for is answered later, with an event"},
            **_errors(400, 401, 413, 415, 429, 500),
        },
        "openapi_extra": {
            **_SECURED,
            "requestBody": {
                "required": True,
                "content": {events.MEDIA_TYPE: {"schema": _of(f"EventV{version}")}},
            },
        },
    }


LISTS, SINGLES, EVENTS = ({version: make(version) for version in (3, 2)} for make in (_listing, _single, _posting))

_TOKEN_ERROR = _of("TokenError")
TOKEN: Json = {
    "responses": {
        200: _json("An access token", _of("Token")),
        400: _json("The request is no client credentials grant.", _TOKEN_ERROR),
        401: _json("The client's id or secret is not right.", _TOKEN_ERROR, **_HEADERS[401]),
        413: _json(_MEANINGS[413], _TOKEN_ERROR),
        429: _json(_MEANINGS[429], _TOKEN_ERROR, **_HEADERS[429]),
    },
    "openapi_extra": {
        "security": [{"ClientSecret": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "required": ["grant_type"],
                        "properties": {
                            "grant_type": {"const": "client_credentials"},
                            **dict.fromkeys(("scope", "audience", "resource"), _TEXT),
                        },
                    }
                }
            },
        },
    },
}
DISCOVERY: Json = {
    "responses": {200: _json("Where tokens are issued", _of("Discovery")), **_errors(400, 500)},
}


def _object(required: Mapping[str, Json], optional: Mapping[str, Json] | None = None) -> Json:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def _list_of(schema: Json, least: int = 0) -> Json:
    return {"type": "array", "items": schema, **({"minItems": least} if least else {})}


def _event(version: int, kind: str, data: Json) -> Json:
    told: dict[str, Json] = {
        "type": {"const": kind},
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 1000},
        "source": {
            "type": "string",
            "minLength": 1,
            "maxLength": 1000,
            "description": "Where the sender is registered",
        },
        "data": data,
    }
    time = {"time": _TIME}
    return _object({**told, **time}) if version == 3 else _object(told, time)


def _events(version: int) -> Json:
    lists = {key: _list_of(_TEXT) for key in ("productId", "companyId", "geography", "classification")}
    times = dict.fromkeys(("validOn", "validAfter", "validBefore"), _TIME)
    criteria = _object({}, {**lists, **times, "status": _TEXT, "comment": _TEXT})
    criteria["patternProperties"] = {r"^x-|^\$filter$": False}
    fragment = _object({}, {"productIds": _list_of(_TEXT), "companyIds": _list_of(_TEXT)})
    named: Json = {"type": "string", "minLength": 1, "maxLength": 1000}
    data = (
        criteria if version == 3 else _object({"pf": fragment}, {"comment": _TEXT}),
        _object({"requestEventId": named, "pfs": _list_of({"type": "object"}, 1)}),
        _object({"requestEventId": named, "error": _object({"code": named, "message": named})}),
        _object({"pfIds": _list_of({"type": "string", "format": "uuid"}, 1)}),
    )
    kinds = zip(events.types(version), data, strict=True)
    return {"oneOf": [_event(version, kind, said) for kind, said in kinds]}


def _components(footprints: Mapping[int, Json]) -> Json:
    codes = ["BadRequest", "AccessDenied", "TokenExpired", "NotFound", "NoSuchFootprint", "NotImplemented"]
    return {
        "Error": _object({"code": {"enum": [*codes, "InternalError"]}, "message": _TEXT}),
        "Token": _object({"access_token": _TEXT, "token_type": {"const": "Bearer"}, "expires_in": {"type": "integer"}}),
        "TokenError": _object({"error": _TEXT}, {"error_description": _TEXT}),
        "Discovery": _object({"issuer": _TEXT, "token_endpoint": _TEXT}),
        **{f"EventV{version}": _events(version) for version in (3, 2)},
        **{f"ProductFootprintV{version}": footprints[version] for version in (3, 2)},
    }


def describe(app: FastAPI, footprints: Mapping[int, Json]) -> None:
    """Let an application tell its description; `footprints` is the schema of a footprint of each version."""
    told = get_openapi(title=TITLE, version=app.version, routes=app.routes, description=app.description)
    told["components"] = {
        "schemas": _components(footprints),
        "securitySchemes": {
            "ClientCredentials": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "/auth/token", "scopes": {}}},
            },
            "ClientSecret": {"type": "http", "scheme": "basic"},
        },
    }
    for address in told["paths"].values():
        for action in address.values():
            action["responses"].pop("422", None)
    app.openapi = lambda: told  # type: ignore[method-assign]
