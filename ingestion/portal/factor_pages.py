"""The second factor's pages: give a code, put the secret into an app, see and end the own sessions."""

import segno
from starlette.responses import Response

from ingestion.portal import accounts, audit, second_factor, sessions
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.second_factor import Keeper
from ingestion.portal.sessions import Session
from ingestion.portal.web import COOKIE, Visit, go, inside


def give(visit: Visit) -> Response:
    """Ask for a code where one is owed, and take it."""
    session, onward = _session(visit), inside(visit.field("next") or "/")
    if not session.owes_code:
        return go(onward)
    if visit.request.method == "GET":
        return visit.page("code.html", trouble="", next=onward)
    taken = _given(visit, session)
    if not taken:
        return visit.page("code.html", 401, trouble=visit.say("wrong_code"), next=onward)
    return go(onward)


def new(visit: Visit) -> Response:
    """Show what a phone's app has to know, and take it into use with a code; who has one gives a code of it first."""
    session, person, keeper = _session(visit), visit.person, _keeper(visit)
    step = visit.field("step")
    with visit.portal.database.reading() as connection:
        row = connection.execute("select * from second_factors where person_id = ?", (person,)).fetchone()
        left = second_factor.recovery_codes_left(connection, person)
    has_one, is_offered = bool(row and row["secret"]), bool(row and row["offered"])
    if has_one and step == "renew":
        if not _given(visit, session):
            return _kept(visit, row["made_at"], left, 401, visit.say("wrong_code"))
        is_offered = True
    if has_one and not is_offered:
        return _kept(visit, row["made_at"], left)
    trouble = ""
    if step == "confirm":
        with visit.portal.database.writing() as connection:
            accounts.check_address(connection, visit.who.address, visit.known.policy)
            codes = second_factor.confirm(connection, keeper, person, visit.field("code"))
            if codes:
                sessions.prove(connection, visit.request.cookies.get(COOKIE, ""))
                audit.note(connection, visit.who, "second_factor_enrolled")
        if codes:
            return visit.page("recovery_codes.html", codes=codes)
        trouble = visit.say("wrong_code")
    with visit.portal.database.writing() as connection:
        secret = second_factor.offer(connection, keeper, person)
    issuer = f"Nengtan {visit.known.site.settings.id}"
    picture = segno.make(second_factor.address_for_app(secret, person, issuer), error="m")
    return visit.page(
        "enrol.html",
        401 if trouble else 200,
        trouble=trouble,
        secret=second_factor.as_text(secret),
        # ink on paper whatever the page's colours are: cameras want it so
        picture=picture.svg_data_uri(scale=5, border=3, dark="#17211f", light="#ffffff"),
    )


def own_sessions(visit: Visit) -> Response:
    """Show where somebody is signed in, and end what he does not know."""
    _session(visit)
    if visit.request.method == "POST":
        with visit.portal.database.writing() as connection:
            if not sessions.end_one(connection, visit.person, visit.field("session")):
                raise absent()
            audit.note(connection, visit.who, "session_ended")
        return go("/sessions")
    token = visit.request.cookies.get(COOKIE, "")
    with visit.portal.database.reading() as connection:
        found = sessions.of_person(connection, visit.person, token, visit.known.policy)
    return visit.page("sessions.html", sessions=found)


def _given(visit: Visit, session: Session) -> str:
    """Take a code from the form: how it was taken, or nothing; the session counts as proven, and the log says so."""
    with visit.portal.database.writing() as connection:
        trouble = "wrong_code"
        try:
            taken = second_factor.give(
                connection,
                _keeper(visit),
                session.person_id,
                visit.field("code"),
                visit.who.address,
                visit.known.policy,
            )
        except Refusal as refusal:
            taken, trouble = "", refusal.key
        if taken:
            if visit.field("step") == "renew":
                second_factor.renew(connection, session.person_id)
                second_factor.offer(connection, _keeper(visit), session.person_id)
            sessions.prove(connection, visit.request.cookies.get(COOKIE, ""))
        about = audit.About(detail="" if taken else trouble)
        audit.note(connection, visit.who, f"{taken}_given" if taken else "second_factor_failed", about)
    if trouble != "wrong_code":
        raise Refusal(trouble, 429 if trouble == "locked_out" else 409)
    return taken


def _kept(visit: Visit, since: str, left: int, status: int = 200, trouble: str = "") -> Response:
    return visit.page("factor.html", status, since=since, left=left, trouble=trouble)


def _keeper(visit: Visit) -> Keeper:
    return Keeper(visit.portal.database.path.parent)


def _session(visit: Visit) -> Session:
    assert visit.session is not None, "only the signed-in come here"
    return visit.session
