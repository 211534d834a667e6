"""The portal vouches for its people to the dashboards: an OpenID provider with one client (code, PKCE, ES256).

One account, one second factor and one lock-out for both; what the dashboards show follows from the roles of today.
"""

import base64
import binascii
import hashlib
import secrets
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import unquote_plus, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.responses import Response

from ingestion.portal import audit, rights
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.web import Visit, as_json
from lake.sqlitefile import now, stamp

CLIENT, BACK = "dashboards", "/oauth-authorized/nengtan"
METADATA, AUTHORIZE, TOKEN, KEYS = (
    "/.well-known/openid-configuration",
    "/sign-on/authorize",
    "/sign-on/token",
    "/sign-on/keys",
)
#: Roles that show rows in the dashboards; who only administers sees none.
READERS = ("view", "enter", "review", "approve", "close", "analyse")
_CODE_LASTS, _TOKEN_LASTS_S = timedelta(minutes=1), 300


@dataclass(frozen=True)
class Dashboards:
    """The one client: where it is, and the secret that `nengtan serve` made for both; tokens by a key of this start."""

    address: str
    secret: str = field(repr=False)

    @cached_property
    def key(self) -> ECKey:
        """What tokens are signed with; it is written nowhere."""
        return ECKey.generate_key("P-256", {"kid": secrets.token_hex(8), "use": "sig", "alg": "ES256"})

    @property
    def back(self) -> str:
        """Where people are sent back to, and nowhere else."""
        return f"{self.address.rstrip('/')}{BACK}"


def metadata(visit: Visit) -> Response:
    """Tell the dashboards where to go."""
    _dashboards(visit)
    base = _issuer(visit)
    return as_json(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}{AUTHORIZE}",
            "token_endpoint": f"{base}{TOKEN}",
            "jwks_uri": f"{base}{KEYS}",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile"],
        }
    )


def keys(visit: Visit) -> Response:
    """Tell what tokens are checked with."""
    return as_json({"keys": [_dashboards(visit).key.as_dict(private=False)]})


def authorize(visit: Visit) -> Response:
    """Send a signed-in person on to the dashboards with a code; raises Refusal for any other client or address."""
    dashboards, asked = _dashboards(visit), visit.request.query_params
    is_right = (
        asked.get("client_id") == CLIENT
        and asked.get("redirect_uri") == dashboards.back
        and asked.get("response_type") == "code"
        and asked.get("code_challenge_method") == "S256"
        and asked.get("code_challenge")
        and "openid" in asked.get("scope", "").split()
    )
    if not is_right:
        raise Refusal("not_vouched", 403)
    code = secrets.token_urlsafe(32)
    with visit.portal.database.writing() as connection:
        connection.execute("delete from sign_on_codes where at < ?", (stamp(datetime.now(UTC) - _CODE_LASTS),))
        connection.execute(
            "insert into sign_on_codes values (?, ?, ?, ?, ?, ?)",
            (
                _digest(code),
                visit.person,
                " ".join(_groups(visit)),
                asked.get("nonce", ""),
                asked["code_challenge"],
                now(),
            ),
        )
        audit.note(connection, visit.who, "signed_on", audit.About(CLIENT))
    # a page and no redirection: the policy of the sign-in form lets nobody be led to another origin
    told = urlencode({"code": code, "state": asked.get("state", "")})
    return visit.page("signed_in.html", next=f"{dashboards.back}?{told}")


def token(visit: Visit) -> Response:
    """Give the dashboards, for a code that counts once, who it is; errors in the form of RFC 6749."""
    dashboards = _dashboards(visit)
    if not _is_client(visit, dashboards):
        return as_json({"error": "invalid_client"}, 401)
    with visit.portal.database.writing() as connection:
        row = _taken(connection, visit.field("code"))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(visit.field("code_verifier").encode()).digest()).rstrip(b"=")
    is_right = (
        row is not None
        and visit.field("grant_type") == "authorization_code"
        and visit.field("redirect_uri") == dashboards.back
        and secrets.compare_digest(challenge, row["challenge"].encode())
    )
    if row is None or not is_right:
        return as_json({"error": "invalid_grant"}, 400)
    at = int(time.time())
    person = row["person_id"]
    claims: dict[str, Any] = {
        "iss": _issuer(visit),
        "aud": CLIENT,
        "sub": person,
        "iat": at,
        "exp": at + _TOKEN_LASTS_S,
        "preferred_username": person,
        "name": visit.name_of(rights.people(visit.known.site).get(person, {})) or person,
        "groups": row["said"].split(),
        **({"nonce": row["nonce"]} if row["nonce"] else {}),
    }
    signed = jwt.encode({"alg": "ES256", "kid": dashboards.key.kid}, claims, dashboards.key)
    return as_json(
        {
            "access_token": secrets.token_urlsafe(32),  # the form asks for one; it opens nothing
            "token_type": "Bearer",
            "expires_in": _TOKEN_LASTS_S,
            "id_token": signed,
        }
    )


def _groups(visit: Visit) -> list[str]:
    """Return what the person sees: `rows:` of each organisation, `analyse:` where he may ask in SQL."""
    held = visit.rights.roles
    rows = [f"rows:{name}" for name, roles in held.items() if not roles.isdisjoint(READERS)]
    return [*rows, *(f"analyse:{name}" for name in visit.rights.where("analyse"))]


def _taken(connection: sqlite3.Connection, code: str) -> sqlite3.Row | None:
    """Take a code away, so that it counts once."""
    found: sqlite3.Row | None = connection.execute(
        "delete from sign_on_codes where code_hash = ? and at >= ? returning *",
        (_digest(code), stamp(datetime.now(UTC) - _CODE_LASTS)),
    ).fetchone()
    return found


def _is_client(visit: Visit, dashboards: Dashboards) -> bool:
    scheme, _, told = visit.request.headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(told, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        return False
    name, _, secret = decoded.partition(":")
    return name == CLIENT and secrets.compare_digest(unquote_plus(secret).encode(), dashboards.secret.encode())


def _dashboards(visit: Visit) -> Dashboards:
    if visit.portal.dashboards is None:
        raise absent()
    return visit.portal.dashboards


def _issuer(visit: Visit) -> str:
    url = visit.request.url
    return f"{url.scheme}://{url.netloc}"


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
