"""The host's addresses, and what every answer of it has."""

import logging

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exchange.api import address, description, detail, events, footprints, schemas, tokens, visit
from exchange.api.host import Host
from exchange.api.refusal import Refusal
from exchange.api.visit import Given, Visit

LOG = logging.getLogger("nengtan")
_HEADERS = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"referrer-policy": b"no-referrer",
    b"strict-transport-security": b"max-age=31536000",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}
_TOLD = {404: "there is nothing at this address", 405: "this address does not take this method"}


class _Careful:
    """Adds the headers of every answer; what went wrong stays here, the other side gets the error form."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def careful(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message["headers"] = [*message["headers"], *_HEADERS.items()]
            await send(message)

        try:
            await self._app(scope, receive, careful)
        except Exception:
            LOG.exception("exchange: %s failed", scope.get("path"))
            if has_begun or scope["type"] != "http":
                raise
            await Refusal(500, "this could not be answered; try again later").answer()(scope, receive, careful)


def application(host: Host) -> ASGIApp:
    """Return the web application of an open host."""
    return _Careful(described(host))


def described(host: Host) -> FastAPI:
    """Return the application with its description, without what stands around it."""
    app = FastAPI(
        title=description.TITLE,
        version="1",
        description="PACT v3.0 and v2.3: footprints of products, by grant",
        docs_url=None,  # these pages fetch their programs from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.include_router(tokens.router(host))
    app.include_router(_discovery(host))
    app.add_route(detail.PATH, _detail_schema)
    for version in (3, 2):
        app.include_router(_pact(host, version))
    app.add_exception_handler(HTTPException, _strange)
    app.add_exception_handler(Refusal, _refused)
    description.describe(app, schemas.footprints())
    return app


def _pact(host: Host, version: int) -> APIRouter:
    """Return the three actions of a version."""
    made = APIRouter(tags=[f"PACT v{version}"])

    @made.get(
        f"/{version}/footprints", summary="Action ListFootprints", **description.LISTS[version], name=f"list{version}"
    )
    async def several(request: Request) -> Response:
        """List the footprints that the client may see."""

        def work(who: Visit, _: bytes) -> Given:
            return footprints.listed(host, request, who, version)

        return await visit.answered(host, request, "list", work)

    @made.get(
        f"/{version}/footprints/{{record_id}}",
        summary="Action GetFootprint",
        **description.SINGLES[version],
        name=f"get{version}",
    )
    async def one(request: Request) -> Response:
        """Give one footprint that the client may see."""

        def work(who: Visit, _: bytes) -> Given:
            return footprints.single(host, who, version, request.path_params["record_id"])

        return await visit.answered(host, request, "get", work)

    @made.post(f"/{version}/events", summary="Action Events", **description.EVENTS[version], name=f"events{version}")
    async def event(request: Request) -> Response:
        """Take an event in."""

        def work(who: Visit, content: bytes) -> Given:
            return events.received(host, who, version, request.headers.get("content-type", ""), content)

        return await visit.answered(host, request, "event", work, takes_body=True)

    return made


def _discovery(host: Host) -> APIRouter:
    made = APIRouter(tags=["Authentication"])

    @made.get("/.well-known/openid-configuration", summary="Where tokens are issued", **description.DISCOVERY)
    async def discover(request: Request) -> Response:
        """Tell where tokens are issued, and for what."""
        base = address.of_host(host, request)
        return JSONResponse(
            {
                "issuer": base,
                "token_endpoint": f"{base}/auth/token",
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "response_types_supported": [],
            }
        )

    return made


async def _detail_schema(_: Request) -> Response:
    return JSONResponse(detail.SCHEMA)


async def _refused(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refusal.answer()


async def _strange(_: Request, trouble: Exception) -> Response:
    assert isinstance(trouble, HTTPException)
    told = _TOLD.get(trouble.status_code, "this could not be answered")
    return Refusal(trouble.status_code, told, headers=trouble.headers).answer()
