"""One request: who asks, with what rights, in which language; refusals become pages, nothing is answered unasked."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ingestion.portal import first_steps, provider, rights, sessions, words
from ingestion.portal.audit import Who
from ingestion.portal.database import Database
from ingestion.portal.place import Known, Place
from ingestion.portal.refusal import Refusal
from ingestion.portal.rights import Rights
from ingestion.portal.sessions import Session
from ingestion.portal.workflow import Actor
from lake.errors import LakeError
from lake.store import Lake

if TYPE_CHECKING:
    from ingestion.portal.number_pages import Tracer
    from ingestion.portal.sign_on import Dashboards

COOKIE, LANGUAGE = "nengtan_portal", "nengtan_language"
_MOST_BYTES, _MOST_FIELDS, _MOST_FILES = 40_000_000, 20_000, 10
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Portal:
    """What every request needs."""

    place: Place
    database: Database
    lake_root: str
    marts_file: Path
    is_secure: bool = False
    tracer: "Tracer | None" = None
    dashboards: "Dashboards | None" = None

    @property
    def lake(self) -> Lake:
        """The lake, opened anew: it remembers which locks it holds, and requests run side by side."""
        return Lake(self.lake_root)

    @cached_property
    def templates(self) -> Environment:
        """The pages; everything that is filled in is escaped."""
        made = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters["path"] = lambda text: quote(str(text), safe="")
        return made


@dataclass(frozen=True)
class Visit:
    """One request of one person, or of nobody before signing in."""

    portal: Portal
    request: Request
    known: Known
    form: FormData
    session: Session | None = None
    rights: Rights = field(default_factory=lambda: Rights(""))
    first: str = ""  # the page that comes before all others: a code, a new password, a second factor

    @property
    def person(self) -> str:
        """Who asks."""
        return self.rights.person_id

    @property
    def who(self) -> Who:
        """Who asks and from where, for the audit log."""
        client = self.request.client
        return Who(self.session.person_id if self.session else None, client.host if client else "")

    @property
    def today(self) -> date:
        """Today in the site's zone."""
        return self.known.today

    @property
    def language(self) -> str:
        """The reader's language, by default the site's."""
        chosen = self.request.cookies.get(LANGUAGE)
        return chosen if chosen in words.LANGUAGES else self.known.site.settings.language

    @property
    def wants_json(self) -> bool:
        """Whether a program asks."""
        return self.request.url.path.startswith("/api/") or "application/json" in self.request.headers.get("accept", "")

    def actor(self, organization_id: str) -> Actor:
        """Who asks, with the roles in an organisation."""
        return Actor(self.person, self.rights.of(organization_id))

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence of words.yaml in the reader's language."""
        return words.say(key, self.language, **facts)

    def field(self, name: str) -> str:
        """Return a field of the form, or of the query, as trimmed text."""
        value = self.form.get(name, self.request.query_params.get(name, ""))
        return value.strip() if isinstance(value, str) else ""

    def file(self, name: str) -> tuple[str, bytes]:
        """Return the name and the content of an uploaded file; raises Refusal where there is none."""
        sent = self.form.get(name)
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise Refusal("no_file", 422)
        return Path(sent.filename.replace("\\", "/")).name[:120], sent.file.read()

    def page(self, template: str, status: int = 200, **facts: object) -> Response:
        """Return a page in the reader's language."""
        text = self.portal.templates.get_template(template).render(
            visit=self,
            say=self.say,
            language=self.language,
            name_of=self.name_of,
            csrf=self._csrf,
            local=self._local,
            **facts,
        )
        return HTMLResponse(text, status)

    def _csrf(self) -> Markup:
        """The session's word, that a form of ours carries."""
        csrf = self.session.csrf if self.session else ""
        return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf)

    def _local(self, at: str) -> str:
        """An instant as it is kept, on the site's clock."""
        return f"{datetime.fromisoformat(at).astimezone(self.known.zone):%Y-%m-%d %H:%M}"

    def name_of(self, row: Any, stem: str = "name") -> str:  # noqa: ANN401 - a row or an object with names
        """Return the name of a thing in the reader's language, the Chinese one where there is no other."""
        values = row if isinstance(row, dict) else vars(row)
        return str(values.get(f"{stem}_{self.language}") or values.get(f"{stem}_zh") or "")


def go(path: str) -> Response:
    """Lead the browser on after something was done."""
    return RedirectResponse(path, 303)


def inside(path: str) -> str:
    """Return a path of ours, or the first page: nobody is led out of the portal."""
    parts = urlsplit(path)
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if is_ours else "/"


Handler = Callable[[Visit], Response]


def endpoint(portal: Portal, handler: Handler, *, is_open: bool = False) -> Callable[[Request], Any]:
    """Return what the server calls: the handler, for signed-in people only unless it is open."""

    async def answer(request: Request) -> Response:
        form = FormData()
        if request.method == "POST":
            length = request.headers.get("content-length", "")
            if not length.isdecimal() or int(length) > _MOST_BYTES:
                return Response("413", 413)
            if is_open or COOKIE in request.cookies:  # what a stranger sends to a closed door is not read
                form = await request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS)
        try:
            return await run_in_threadpool(_answered, portal, request, form, handler, is_open)
        finally:
            await form.close()

    return answer


def _answered(portal: Portal, request: Request, form: FormData, handler: Handler, is_open: bool) -> Response:
    visit = _visit(portal, request, form)
    try:
        if visit.session is None and not is_open:
            return _to_sign_in(visit)
        if request.method == "POST":
            _check_origin(visit)
        if visit.first and not is_open and request.url.path not in (visit.first, "/logout"):
            return _to_first_step(visit)
        return handler(visit)
    except Refusal as refusal:
        return refused(visit, refusal)
    except LakeError as trouble:
        return refused(visit, Refusal("lake_busy", 503, trouble=trouble))


def _visit(portal: Portal, request: Request, form: FormData) -> Visit:
    known, token = portal.place.known(), request.cookies.get(COOKIE)
    session = None
    if token:
        with portal.database.writing() as connection:
            session = sessions.session(connection, token, known.policy)
    session, held = _allowed(known, session)
    first = first_steps.first_step(session, held, known.policy) if session else ""
    return Visit(portal, request, known, form, session, Rights(held.person_id) if first else held, first)


def _allowed(known: Known, session: Session | None) -> tuple[Session | None, Rights]:
    """Return the session where it still holds, with its rights: a provider's groups give what the site maps to them."""
    if session is None:
        return None, Rights("")
    trusted = provider.trust(known)
    if session.groups is None:
        if not provider.local_sign_in(known):
            return None, Rights("")
        return session, rights.rights(known.site, session.person_id, known.today)
    if trusted is None:
        return None, Rights("")
    if not trusted.roles:
        return session, rights.rights(known.site, session.person_id, known.today)
    given = [place for group in session.groups for place in trusted.roles.get(group, ())]
    return session, rights.granted(known.site, session.person_id, given)


def _to_sign_in(visit: Visit) -> Response:
    if visit.wants_json:
        return refused(visit, Refusal("sign_in_first", 401))
    return go(f"/login?next={quote(_asked(visit), safe='/')}")


def _asked(visit: Visit) -> str:
    """Return what was asked for, so that the way goes on there; what was sent is not sent again."""
    url = visit.request.url
    if visit.request.method != "GET":
        return "/"
    return f"{url.path}?{url.query}" if url.query else url.path


def _to_first_step(visit: Visit) -> Response:
    if visit.wants_json:
        return refused(visit, Refusal("first_step", 403, page=visit.first))
    if visit.first == first_steps.GIVE_CODE and visit.request.method == "GET":
        return go(f"{visit.first}?next={quote(_asked(visit), safe='/')}")
    return go(visit.first)


def _check_origin(visit: Visit) -> None:
    """Refuse a form that another page sent: it does not know the session's word, and its origin is another."""
    origin, host = visit.request.headers.get("origin"), visit.request.headers.get("host", "")
    if origin and urlsplit(origin).netloc != host:
        raise Refusal("forged", 403)
    if visit.session and not secrets.compare_digest(visit.field("csrf").encode(), visit.session.csrf.encode()):
        raise Refusal("forged", 403)


def refused(visit: Visit, refusal: Refusal) -> Response:
    """Return why something was not done."""
    sentence = visit.say(refusal.key, **refusal.facts)
    if visit.wants_json:
        return JSONResponse({"error": refusal.key, "message": sentence}, refusal.status)
    return visit.page("message.html", refusal.status, title=visit.say("not_done"), sentence=sentence)


def as_json(content: object, status: int = 200) -> Response:
    """Return an answer for a program."""
    return Response(json.dumps(content, ensure_ascii=False, default=str), status, media_type="application/json")
