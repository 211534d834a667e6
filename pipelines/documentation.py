"""The documentation site at /docs, beside another application: what `make docs` built, for whoever comes.

It has a policy of its own: its pages run the theme's scripts, which no page of the portal may.
"""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.settings import ROOT

SITE = ROOT / "build/docs/site"
#: Written by the build: a hash for each script that stands inside a page.
SCRIPTS = "inline_scripts.txt"
PATH = "/docs"


def is_built(site: Path = SITE) -> bool:
    """Whether there is a site to serve."""
    return (site / SCRIPTS).is_file()


def beside(application: ASGIApp, site: Path = SITE, *, is_secure: bool = False) -> ASGIApp:
    """Return an application that answers below /docs with the site and elsewhere as before; without a site: as before.

    `is_secure` says that browsers come by HTTPS; what comes otherwise is refused, as the portal does.
    """
    if not is_built(site):
        return application
    files, headers = StaticFiles(directory=site, html=True), _headers(site, is_secure=is_secure)

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == PATH or path.startswith(f"{PATH}/")):
            await application(scope, receive, send)
            return

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        if is_secure and scope["scheme"] != "https":
            await Response("403: HTTPS only", 403)(scope, receive, careful)
        elif path == PATH:
            await RedirectResponse(f"{PATH}/")(scope, receive, careful)
        else:
            await _file(files, {**scope, "path": path.removeprefix(PATH), "root_path": ""}, receive, careful)

    return both


async def _file(files: StaticFiles, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a file; what is not there, or would be written, is refused in one word."""
    try:
        await files(scope, receive, send)
    except HTTPException as refusal:
        await Response(str(refusal.status_code), refusal.status_code)(scope, receive, send)


def _headers(site: Path, *, is_secure: bool) -> list[tuple[bytes, bytes]]:
    hashes = " ".join(f"'{line}'" for line in (site / SCRIPTS).read_text("utf-8").split())
    policy = (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    told = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        **({"strict-transport-security": "max-age=31536000"} if is_secure else {}),
    }
    return [(name.encode(), value.encode()) for name, value in told.items()]
