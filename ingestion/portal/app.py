"""The portal's addresses, its first account, and what runs beside the requests."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingestion.portal import (
    accounts,
    alert_pages,
    answer_pages,
    audit,
    contribution_page,
    factor_pages,
    home_page,
    identifier_pages,
    instrument_page,
    landing,
    number_pages,
    office_pages,
    period_pages,
    provider,
    reading,
    security_pages,
    sheet_pages,
    sign_on,
    sign_pages,
    single_sign_on,
    supplier_pages,
    trace_pages,
    upload_pages,
)
from ingestion.portal.accounts import ADMINISTRATOR
from ingestion.portal.audit import Who
from ingestion.portal.database import Database
from ingestion.portal.number_pages import Tracer
from ingestion.portal.place import Place
from ingestion.portal.web import Portal, endpoint
from lake.errors import LakeError

LOG = logging.getLogger("nengtan")
_SETTLE_EVERY_S = 20.0
_HERE = Path(__file__).parent
_HEADERS = {
    b"content-security-policy": b"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    b"base-uri 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}


#: Browsers that came once by HTTPS come by nothing else for a year.
_HTTPS_ONLY = {b"strict-transport-security": b"max-age=31536000"}


class _Careful:
    """Adds the headers that keep a browser from doing what no page of ours asks of it.

    Where the portal is reached by HTTPS, what came around it is refused.
    """

    def __init__(self, app: ASGIApp, is_secure: bool) -> None:
        self._app, self._is_secure = app, is_secure
        self._headers = [*_HEADERS.items(), *(_HTTPS_ONLY.items() if is_secure else ())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        if self._is_secure and scope["type"] == "http" and scope["scheme"] != "https":
            await Response("403: HTTPS only", 403)(scope, receive, send)
        else:
            await self._app(scope, receive, careful)


def open_portal(  # noqa: PLR0913 -- what a portal is opened with, by name
    place: Place,
    lake_root: str,
    home: Path,
    marts_file: Path,
    *,
    is_secure: bool = False,
    tracer: Tracer | None = None,
    dashboards: sign_on.Dashboards | None = None,
) -> tuple[Portal, str | None]:
    """Open the portal's own folder; return it, and the first password where this start made the first account."""
    portal = Portal(place, Database(home / "portal.sqlite"), lake_root, marts_file, is_secure, tracer, dashboards)
    database = portal.database
    portal.lake.claim(place.known().site.settings.id)
    if not provider.local_sign_in(place.known()):
        return portal, None
    with database.writing() as connection:
        if connection.execute("select 1 from accounts").fetchone() is not None:
            return portal, None
        password = accounts.create(connection, ADMINISTRATOR)
        audit.note(connection, Who(None, ""), "account_open", audit.About(ADMINISTRATOR))
    return portal, password


def application(portal: Portal) -> Starlette:
    """Return the web application."""
    sheet = "/sheets/{kind}/{organization}/{month}"
    asked = "/answer/{word}/materials/{material}"
    carried = "/trace/{line:path}/readings/{point}/{batch}"

    def at(path: str, handler: object, *methods: str, is_open: bool = False) -> Route:
        told = reading.noted(path, handler)  # type: ignore[arg-type]
        return Route(path, endpoint(portal, told, is_open=is_open), methods=list(methods) or ["GET"])

    async def stranger(request: Request, _: Exception) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": "absent", "message": "there is nothing at this address"}, 404)
        return Response("404", 404)

    return Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=_HERE / "static")),
            at("/login", sign_pages.login, "GET", "POST", is_open=True),
            at("/login/begin", single_sign_on.begin, is_open=True),
            at(single_sign_on.BACK, single_sign_on.back, is_open=True),
            at(sign_on.METADATA, sign_on.metadata, is_open=True),
            at(sign_on.KEYS, sign_on.keys, is_open=True),
            at(sign_on.AUTHORIZE, sign_on.authorize),
            at(sign_on.TOKEN, sign_on.token, "POST", is_open=True),
            at("/logout", sign_pages.logout, "POST"),
            at("/language/{language}", sign_pages.language, is_open=True),
            at("/password", sign_pages.password, "GET", "POST"),
            at("/second-factor", factor_pages.give, "GET", "POST"),
            at("/second-factor/new", factor_pages.new, "GET", "POST"),
            at("/sessions", factor_pages.own_sessions, "GET", "POST"),
            at("/", home_page.home),
            at(sheet, sheet_pages.show),
            at(sheet, sheet_pages.act, "POST"),
            at(f"{sheet}/attach", sheet_pages.attach, "POST"),
            at(f"{sheet}/documents/{{name}}", sheet_pages.document),
            at(f"{sheet}/workbook", sheet_pages.as_workbook),
            at(f"{sheet}/workbooks/{{digest}}", trace_pages.workbook),
            at(f"{sheet}/trace", trace_pages.show),
            at(f"/api{sheet}/trace", trace_pages.show),
            at(f"{carried}/payload", number_pages.payload),
            at(carried, number_pages.readings),
            at(f"/api{carried}", number_pages.readings),
            at("/trace/footprint.contributions/{line:path}", contribution_page.show),
            at("/api/trace/footprint.contributions/{line:path}", contribution_page.show),
            at("/trace/{line:path}", number_pages.show),
            at("/api/trace/{line:path}", number_pages.show),
            at("/upload", upload_pages.upload, "GET", "POST"),
            at("/upload/marked/{word}", upload_pages.marked),
            at("/templates/{kind}", upload_pages.template),
            at("/instruments", instrument_page.show),
            at("/handles", identifier_pages.register),
            at("/handles/{handle:path}", identifier_pages.show, is_open=True),
            at("/api/handles/{handle:path}", identifier_pages.answer, is_open=True),
            at("/months", office_pages.months, "GET", "POST"),
            at("/periods", period_pages.periods, "GET", "POST"),
            at("/periods/{closing}", period_pages.decide, "POST"),
            at("/alerts", alert_pages.show),
            at("/alerts/{alert}", alert_pages.acknowledge, "POST"),
            at("/suppliers", supplier_pages.show),
            at("/suppliers", supplier_pages.act, "POST"),
            at("/suppliers/answers/{entry}", supplier_pages.answer),
            at("/suppliers/answers/{entry}", supplier_pages.decide, "POST"),
            at("/suppliers/answers/{entry}/documents/{name}", supplier_pages.document),
            at("/customers", supplier_pages.customers),
            at("/answer/{word}", answer_pages.welcome, is_open=True),
            at(asked, answer_pages.questions, "GET", "POST", is_open=True),
            at(f"{asked}/attach", answer_pages.attach, "POST", is_open=True),
            at(f"{asked}/documents/{{name}}", answer_pages.document, is_open=True),
            at(f"{asked}/workbook", answer_pages.template, is_open=True),
            at(f"{asked}/workbook", answer_pages.upload, "POST", is_open=True),
            at("/answer/{word}/marked/{key}", answer_pages.marked, is_open=True),
            at("/audit", office_pages.log),
            at("/security", security_pages.keep_security, "GET", "POST"),
            at("/accounts", office_pages.keep_accounts, "GET", "POST"),
            at("/api/sheets", home_page.listing),
            at(f"/api{sheet}", sheet_pages.told),
            at(f"/api{sheet}", sheet_pages.act, "POST"),
        ],
        middleware=[Middleware(_Careful, is_secure=portal.is_secure)],
        exception_handlers={404: stranger},
        lifespan=_settling(portal),
    )


def _settling(portal: Portal) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Bring what was approved into the lake again and again: where it was locked, or this process died in between."""

    async def settle() -> None:
        while True:
            with suppress(LakeError):
                await run_in_threadpool(lambda: landing.settle(portal.database, portal.lake, portal.place.known()))
            await asyncio.sleep(_SETTLE_EVERY_S)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(settle())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return lifespan
