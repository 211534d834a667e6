"""Signing in and out, the password, the language."""

from starlette.responses import Response

from ingestion.portal import accounts, audit, provider, rights, sessions, words
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.sessions import Place
from ingestion.portal.web import COOKIE, LANGUAGE, Visit, go, inside


def login(visit: Visit) -> Response:
    """Show the form, or open a session for who knows the password."""
    if visit.request.method == "GET":
        return _form(visit)
    if not provider.local_sign_in(visit.known):
        raise absent()
    person, address = visit.field("person"), visit.who.address
    with visit.portal.database.writing() as connection:
        trouble, token = "wrong_password", ""
        try:
            if accounts.verify(connection, person, _raw(visit, "password"), address, visit.known.policy):
                token = sessions.begin(connection, person, place=place_of(visit))
        except Refusal as refusal:
            trouble = refusal.key
        act = "login" if token else "login_failed"
        audit.note(connection, audit.Who(person, address), act, audit.About(detail="" if token else trouble))
    if not token:
        status = {"locked_out": 429, "unused_account": 403}.get(trouble, 401)
        return _form(visit, status, visit.say(trouble))
    answer = go(inside(visit.field("next") or "/"))
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=visit.portal.is_secure)
    return answer


def _form(visit: Visit, status: int = 200, trouble: str = "") -> Response:
    return visit.page(
        "login.html",
        status,
        trouble=trouble,
        next=inside(visit.field("next")),
        has_provider=provider.trust(visit.known) is not None,
        has_passwords=provider.local_sign_in(visit.known),
    )


def logout(visit: Visit) -> Response:
    """Close the session."""
    with visit.portal.database.writing() as connection:
        sessions.end(connection, visit.request.cookies.get(COOKIE, ""))
        audit.note(connection, visit.who, "logout")
    answer = go("/login")
    answer.delete_cookie(COOKIE)
    return answer


def password(visit: Visit) -> Response:
    """Change the own password; every session of the person ends, and a new one begins."""
    assert visit.session is not None, "only the signed-in come here"
    if visit.session.groups is not None:
        raise absent()
    if visit.request.method == "GET":
        return visit.page("password.html", trouble="")
    token = ""
    try:
        with visit.portal.database.writing() as connection:
            if _raw(visit, "password") != _raw(visit, "again"):
                raise Refusal("passwords_differ", 422)
            accounts.change_password(
                connection, visit.person, _raw(visit, "password"), visit.known.policy, _names(visit)
            )
            token = sessions.begin(connection, visit.person, place=place_of(visit), is_proven=visit.session.is_proven)
            audit.note(connection, visit.who, "password_changed")
    except Refusal as refusal:
        return visit.page("password.html", refusal.status, trouble=visit.say(refusal.key))
    answer = go("/")
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=visit.portal.is_secure)
    return answer


def language(visit: Visit) -> Response:
    """Choose the language of the pages."""
    chosen = visit.request.path_params["language"]
    answer = go(inside(visit.field("next")))
    if chosen in words.LANGUAGES:
        answer.set_cookie(LANGUAGE, chosen, max_age=365 * 86400, samesite="lax", secure=visit.portal.is_secure)
    return answer


def place_of(visit: Visit) -> Place:
    """Return where a session is begun."""
    return Place(visit.who.address, visit.request.headers.get("user-agent", ""))


def _names(visit: Visit) -> list[str]:
    """Return the names that stand in no password: the person's, the organisations', the site's."""
    site = visit.known.site
    own = rights.people(site).get(visit.person, {})
    rows = site.tables["organizations"].select(["organization_id", "name_zh", "name_en"]).to_pylist()
    named = [own.get("name_zh"), own.get("name_en"), site.settings.id, site.settings.name_zh, site.settings.name_en]
    return [name for name in (*named, *(value for row in rows for value in row.values())) if name]


def _raw(visit: Visit, name: str) -> str:
    value = visit.form.get(name, "")
    return value if isinstance(value, str) else ""
