"""What Nengtan changes in Superset's web pages: language by page, the overlay dictionary, the first page, the logo.

Imported by the configuration, so it may use Flask but nothing of Superset's own.
"""

from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Flask, Response, current_app, redirect, request, send_file, session
from flask_login import current_user
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.wrappers import Response as BaseResponse

from scripts.superset import specification, words

TEMPLATES = Path(__file__).parent / "templates"
DASHBOARD = "/superset/dashboard/"
NO_PORTAL = {
    "zh": "没有打开填报门户（sources.yaml 中没有 form 来源），用命令查看：",
    "en": "No entry portal is open (sources.yaml has no source of kind form); the command shows it:",
}
#: Marts beside the accounts whose lines are told by their mart in front.
OTHERS = ("footprint.contributions",)
pages = Blueprint("nengtan", __name__, url_prefix="/nengtan")


@pages.get("/logo.svg")
def logo() -> Response:
    """Send the logo."""
    return send_file(specification.FOLDER / "logo.svg", mimetype="image/svg+xml")


@pages.get("/trace/<path:line>")
def trace(line: str) -> BaseResponse:
    """Lead on to the page of the entry portal that shows what a line of the accounts rests on.

    Where no portal is open, say the command that shows the same.
    """
    mart, _, told = line.partition("/")
    named = (mart, told) if mart in OTHERS else ("carbon.emissions_monthly", line)
    return _portal(f"/trace/{quote(line, safe='/')}", "nengtan trace {} 'lineage_id={}'".format(*named))


@pages.get("/suppliers/<supplier>")
def supplier(supplier: str) -> BaseResponse:
    """Lead on to the supplier on the entry portal's page of suppliers: what was asked, what came, what is to review."""
    query = f"select * from footprint.suppliers where supplier_id = '{quote(supplier)}'"
    return _portal(f"/suppliers#{quote(supplier)}", f'nengtan sql "{query}"')


def _portal(page: str, command: str) -> BaseResponse:
    """Lead on to a page of the entry portal, in the language of the dashboard; without a portal, say the command."""
    portal, language = current_app.config["NENGTAN_PORTAL_ADDRESS"], "en" if session.get("locale") == "en" else "zh"
    if portal:
        return redirect(f"{portal.rstrip('/')}/language/{language}?next={quote(page, safe='')}")
    return Response(f"{NO_PORTAL[language]}\n\n  {command}\n", 404, mimetype="text/plain")


def prepare(app: Flask) -> None:
    """Hook our pages into the application."""
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), app.jinja_loader])
    app.before_request(_through_the_proxy)
    app.before_request(_stay)
    app.before_request(_straight_to_the_portal)
    app.before_request(_language_of_page)
    app.before_request(_first_page)
    app.before_request(_dictionary)


def _through_the_proxy() -> Response | None:
    """Refuse what came around the proxy that speaks TLS for us."""
    proxy = current_app.config["NENGTAN_PROXY"]
    came = request.environ.get("werkzeug.proxy_fix.orig", {}).get("REMOTE_ADDR", request.remote_addr)
    return Response("403: HTTPS through the proxy only", 403) if proxy and came != proxy else None


def _stay() -> None:
    """A session lasts while it is used, and ends some hours after (PERMANENT_SESSION_LIFETIME)."""
    session.permanent = True


def _straight_to_the_portal() -> BaseResponse | None:
    """Where the portal signs people in, the page of signing in has nothing to choose."""
    if not current_app.config["NENGTAN_SIGN_ON"] or request.path != "/login/" or current_user.is_authenticated:
        return None
    onward = request.args.get("next", "")
    return redirect(f"/login/nengtan?next={quote(onward, safe='')}" if onward else "/login/nengtan")


def _language_of_page() -> None:
    """A page ending in -zh or -en is read in that language, whatever was chosen before."""
    if request.path.startswith(DASHBOARD):
        language = request.path.rstrip("/").rsplit("-", 1)[-1]
        if language in specification.LANGUAGES:
            session["locale"] = language


def _first_page() -> BaseResponse | None:
    """Lead a reader to the overview, on a phone to the phone's; who administers keeps Superset's own first page."""
    if request.path not in ("/", "/superset/welcome/") or not current_user.is_authenticated:
        return None
    if any(role.name == "Admin" for role in current_user.roles):
        return None
    language = "en" if session.get("locale") == "en" else "zh"
    phone = "Mobile" in request.headers.get("User-Agent", "")
    return redirect(
        f"{DASHBOARD}overview-phone-{language}/?standalone=1" if phone else f"{DASHBOARD}overview-{language}/"
    )


def _dictionary() -> Response | None:
    """Send Superset's Chinese dictionary with our corrections over it; the sign-in page needs it too."""
    if request.path != "/superset/language_pack/zh/":
        return None
    return Response(words.corrected(), mimetype="application/json", headers={"Cache-Control": "max-age=3600"})
