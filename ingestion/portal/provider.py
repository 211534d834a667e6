"""An OpenID provider that vouches for people: authorization code flow with PKCE, state and nonce.

The exchange and the checks of the ID token (signature, issuer, audience, times, nonce, at_hash) are Authlib's.
"""

import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError

from ingestion.portal.place import Known
from ingestion.portal.refusal import Refusal
from ingestion.portal.rights import ROLES
from lake.errors import SiteError

_PATIENCE_S = 60
#: Signatures that only the provider can make; whoever knows the client's secret could make those of HMAC.
_SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")


@dataclass(frozen=True)
class Trust:
    """What the site says of its provider; `roles` are (organisation, role) by value of the claim `roles_claim`."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = "openid profile"
    person_claim: str = "preferred_username"
    roles_claim: str = "groups"
    roles: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempt:
    """One way to the provider and back: what has to come back with the answer."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))


def trust(known: Known) -> Trust | None:
    """Return whom the site trusts with signing in, if anybody; raises SiteError where what it says cannot hold."""
    said = known.form.settings.get("oidc")
    if not said:
        if not local_sign_in(known):
            raise SiteError(
                f"sources.yaml: {known.form.id}: nobody could sign in: give `oidc`, or allow `local_sign_in`"
            )
        return None
    host = urlsplit(said["issuer"]).hostname or ""
    if not said["issuer"].startswith("https:") and not _is_loopback(host):
        raise SiteError(f"sources.yaml: {known.form.id}.oidc.issuer: {host} is asked over HTTPS only: write https://")
    organizations = set(known.site.tables["organizations"]["organization_id"].to_pylist())
    roles: dict[str, list[tuple[str, str]]] = {}
    for value, given in (said.get("roles") or {}).items():
        if given["organization"] not in organizations or not set(given["roles"]) <= set(ROLES):
            raise SiteError(
                f"sources.yaml: {known.form.id}.oidc.roles.{value}: names an organization or a role that there is not"
            )
        roles[value] = [(given["organization"], role) for role in given["roles"]]
    named = {name: said[name] for name in ("scope", "person_claim", "roles_claim") if said.get(name)}
    return Trust(said["issuer"], said["client_id"], str(said.get("client_secret") or ""), roles=roles, **named)


def local_sign_in(known: Known) -> bool:
    """Whether people may sign in with a password of the portal."""
    return known.form.settings.get("local_sign_in") != "refused"


class Provider(OpenIDMixin):  # type: ignore[misc]
    """The provider, asked anew at each sign-in, so that keys that it changed are known."""

    def __init__(self, trusted: Trust, back: str) -> None:
        """Keep whom to ask, and the address that it sends people back to."""
        self._trust, self._back = trusted, back
        self.client_id = trusted.client_id
        self.server_metadata: dict[str, Any] = {}

    def load_server_metadata(self) -> dict[str, Any]:
        """Return what the provider says of itself; raises Refusal where it is away or calls itself otherwise."""
        if not self.server_metadata:
            where = f"{self._trust.issuer.rstrip('/')}/.well-known/openid-configuration"
            with self._get_session() as session:
                answer = session.request("GET", where, withhold_token=True)
            answer.raise_for_status()
            told = answer.json()
            if told.get("issuer") != self._trust.issuer:
                raise Refusal("provider_away", 503)
            algorithms = told.get("id_token_signing_alg_values_supported", ())
            told["id_token_signing_alg_values_supported"] = [name for name in algorithms if name in _SIGNED]
            self.server_metadata = told
        return self.server_metadata

    def _get_session(self) -> OAuth2Session:
        trusted = self._trust
        return OAuth2Session(
            trusted.client_id,
            trusted.client_secret or None,
            token_endpoint_auth_method=None if trusted.client_secret else "none",
            scope=trusted.scope,
            redirect_uri=self._back,
            code_challenge_method="S256",
            default_timeout=_PATIENCE_S,
        )

    def address(self, attempt: Attempt) -> str:
        """Return where a person is sent to sign in; raises Refusal where the provider is away."""
        try:
            endpoint = self.load_server_metadata()["authorization_endpoint"]
        except (requests.RequestException, KeyError, ValueError) as cause:
            raise Refusal("provider_away", 503) from cause
        with self._get_session() as session:
            url, _ = session.create_authorization_url(
                endpoint, state=attempt.state, code_verifier=attempt.verifier, nonce=attempt.nonce
            )
        return str(url)

    def claims(self, code: str, attempt: Attempt) -> Mapping[str, Any]:
        """Return what the provider says of who came back with a code; raises Refusal where anything of it is wrong."""
        try:
            endpoint = self.load_server_metadata()["token_endpoint"]
            with self._get_session() as session:
                token = session.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    redirect_uri=self._back,
                )
            options = {"iss": {"values": [self._trust.issuer]}, "aud": {"values": [self._trust.client_id]}}
            found = self.parse_id_token(token, attempt.nonce, claims_options=options)
        except (AuthlibBaseError, JoseError, KeyError, ValueError) as cause:
            raise Refusal("not_vouched", 403) from cause
        except requests.RequestException as cause:
            raise Refusal("provider_away", 503) from cause
        if found is None:
            raise Refusal("not_vouched", 403)
        return dict(found)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
