"""Signing in with the site's OpenID provider: the way there and back, and who comes back with which roles."""

import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from ingestion.portal import accounts, audit, provider, rights, sessions
from ingestion.portal.provider import Attempt, Provider, Trust
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.sign_pages import place_of
from ingestion.portal.web import COOKIE, Visit, go, inside
from lake.sqlitefile import now, stamp

_COOKIE, _LASTS = "nengtan_sign_in", timedelta(minutes=10)
BACK = "/login/back"
#: What RFC 8176 calls sign-ins that needed more than what one knows: said by the provider in `amr`.
_SECOND_FACTORS = {"mfa", "otp", "hwk", "swk", "sc", "sms", "tel", "fpt", "face", "iris"}


def begin(visit: Visit) -> Response:
    """Send the browser to the provider, with a word of its own that it has to come back with."""
    asked = _provider(visit)
    attempt, word = Attempt(), secrets.token_urlsafe(32)
    address = asked.address(attempt)
    with visit.portal.database.writing() as connection:
        connection.execute("delete from sign_ins where at < ?", (stamp(datetime.now(UTC) - _LASTS),))
        connection.execute(
            "insert into sign_ins values (?, ?, ?, ?, ?, ?)",
            (
                _digest(attempt.state),
                _digest(word),
                attempt.nonce,
                attempt.verifier,
                inside(visit.field("next")),
                now(),
            ),
        )
    answer = go(address)
    # lax, because the provider's redirection has to bring it back
    answer.set_cookie(_COOKIE, word, httponly=True, samesite="lax", secure=visit.portal.is_secure, path="/login")
    return answer


def back(visit: Visit) -> Response:
    """Take in who comes back: once, in the browser that went, with what the provider vouches for."""
    asked, trusted = _provider(visit), _trusted(visit)
    word = visit.request.cookies.get(_COOKIE, "")
    with visit.portal.database.writing() as connection:
        attempt, onward = _taken(connection, visit.field("state"), word)
    try:
        if attempt is None or visit.field("iss") not in ("", trusted.issuer) or not visit.field("code"):
            raise Refusal("not_vouched", 403)
        claims = asked.claims(visit.field("code"), attempt)
        person = _person(visit, trusted, claims)
    except Refusal as refusal:
        with visit.portal.database.writing() as connection:
            audit.note(connection, audit.Who(None, visit.who.address), "login_failed", audit.About(detail=refusal.key))
        raise
    groups = _groups(claims, trusted)
    with visit.portal.database.writing() as connection:
        accounts.vouch(connection, person, trusted.issuer, str(claims["sub"]))
        token = sessions.begin(connection, person, groups, place_of(visit), is_proven=_is_proven(claims))
        told = f"{trusted.issuer} {claims['sub']}"
        audit.note(connection, audit.Who(person, visit.who.address), "login", audit.About(detail=told))
    # a page and no redirection: a strict cookie is not sent where another site began the way
    answer = visit.page("signed_in.html", next=onward)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=visit.portal.is_secure)
    answer.delete_cookie(_COOKIE, path="/login")
    return answer


def _trusted(visit: Visit) -> Trust:
    trusted = provider.trust(visit.known)
    if trusted is None:
        raise absent()
    return trusted


def _provider(visit: Visit) -> Provider:
    url = visit.request.url
    return Provider(_trusted(visit), f"{url.scheme}://{url.netloc}{BACK}")


def _taken(connection: sqlite3.Connection, state: str, word: str) -> tuple[Attempt | None, str]:
    """Take an attempt away, so that its answer counts once; None where this browser made none a short while ago."""
    row = connection.execute(
        "delete from sign_ins where state_hash = ? and browser_hash = ? and at >= ? returning *",
        (_digest(state), _digest(word), stamp(datetime.now(UTC) - _LASTS)),
    ).fetchone()
    return (Attempt(state, row["nonce"], row["verifier"]), row["next"]) if row else (None, "/")


def _person(visit: Visit, trusted: Trust, claims: Mapping[str, Any]) -> str:
    """Return who of people.csv it is; raises Refusal for anybody else, and for whom no role is mapped."""
    person = str(claims.get(trusted.person_claim) or "")
    if person not in rights.people(visit.known.site):
        raise Refusal("nobody_here", 403)
    if trusted.roles and not set(_groups(claims, trusted)) & trusted.roles.keys():
        raise Refusal("nobody_here", 403)
    return person


def _is_proven(claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that it asked for a second factor; where it does not, the portal asks for its own."""
    said = claims.get("amr")
    return isinstance(said, list) and not _SECOND_FACTORS.isdisjoint(map(str, said))


def _groups(claims: Mapping[str, Any], trusted: Trust) -> list[str]:
    """Return the values of the claim that roles are mapped from: a list, or one text."""
    said = claims.get(trusted.roles_claim) or []
    return [str(value) for value in (said if isinstance(said, list) else [said])]


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
