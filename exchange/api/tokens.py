"""`POST /auth/token`: the client credentials grant of RFC 6749, section 4.4, with its own form of errors."""

import base64
import binascii
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from exchange.api import accesses, clients, description, visit
from exchange.api.accesses import Access
from exchange.api.clients import Client
from exchange.api.host import Host
from exchange.api.refusal import Refusal

_MOST_BYTES = 10_000
_FORM = "application/x-www-form-urlencoded"


class _Error(Exception):
    """An error of RFC 6749, section 5.2."""

    def __init__(self, error: str, told: str, status: int = 400, client_id: str = "") -> None:
        super().__init__(error)
        self.error, self.told, self.status, self.client_id = error, told, status, client_id

    def answer(self) -> JSONResponse:
        headers = {"WWW-Authenticate": 'Basic realm="exchange"'} if self.status == 401 else {}
        if self.status == 429:
            headers["Retry-After"] = "900"
        return JSONResponse({"error": self.error, "error_description": self.told}, self.status, headers)


def router(host: Host) -> APIRouter:
    """Return the address at which tokens are issued."""
    made = APIRouter(tags=["Authentication"])

    @made.post("/auth/token", summary="Action Authenticate", **description.TOKEN)
    async def authenticate(request: Request) -> Response:
        """Issue an access token for a client's id and secret (HTTP Basic)."""
        address = request.client.host if request.client else ""
        try:
            host.of_addresses.take(address)
            form = await visit.body_of(request, _MOST_BYTES)
        except Refusal as refusal:
            return _Error("invalid_request", refusal.message, refusal.status).answer()
        return await run_in_threadpool(_issued, host, request, address, form)

    return made


def _issued(host: Host, request: Request, address: str, form: bytes) -> Response:
    client: Client | None = None
    try:
        client_id, secret = _credentials(request.headers.get("authorization", ""))
        client = _verified(host, address, client_id, secret)
        _check_grant(request.headers.get("content-type", ""), form)
        at = datetime.now(UTC)
        with host.register.writing() as connection:
            token = clients.issue(connection, client, at, host.policy.token)
        if token is None:
            raise _wrong(client_id)
        told = {"access_token": token, "token_type": "Bearer", "expires_in": int(host.policy.token.total_seconds())}
        answer = JSONResponse(told)
    except _Error as error:
        client_id, answer = error.client_id, error.answer()
    line = Access(
        address,
        "token",
        f"client {client_id}"[:200],
        answer.status_code,
        client_id=client.client_id if client else None,
        party_kind=client.party_kind if client else None,
        party_id=client.party_id if client else None,
    )
    with host.register.writing() as connection:
        accesses.note(connection, line)
    return answer


def _credentials(authorization: str) -> tuple[str, str]:
    """Return the id and the secret of a Basic header; RFC 6749 has both escaped before they are joined."""
    scheme, _, told = authorization.partition(" ")
    try:
        decoded = base64.b64decode(told, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError, ValueError):
        decoded = ""
    client_id, colon, secret = decoded.partition(":")
    if not colon:
        raise _Error("invalid_client", "give the client's id and secret by HTTP Basic", 401)
    return unquote_plus(client_id), unquote_plus(secret)


def _verified(host: Host, address: str, client_id: str, secret: str) -> Client:
    since = datetime.now(UTC) - host.policy.locked
    with host.register.reading() as connection:
        failures = clients.failures(connection, address, client_id, since)
        if failures >= host.policy.most_failures:
            raise _Error("invalid_client", "too many wrong secrets; try again later", 429, client_id)
        found = clients.verified(connection, client_id, secret)
    party = host.book.party(found.party_kind, found.party_id) if found else None
    if found is None or party is None or party.client_id != found.client_id:
        with host.register.writing() as connection:
            clients.failed(connection, address, client_id, since)
        raise _wrong(client_id)
    if found.ends_at(host.policy.secret) <= datetime.now(UTC):
        raise _Error("invalid_client", "the secret has ended; ask the host's operator for a new one", 401, client_id)
    return found


def _wrong(client_id: str) -> _Error:
    return _Error("invalid_client", "the client's id or secret is not right", 401, client_id)


def _check_grant(content_type: str, form: bytes) -> None:
    if content_type.partition(";")[0].strip().lower() != _FORM:
        raise _Error("invalid_request", f"the body has to be {_FORM}")
    try:
        fields = parse_qsl(form.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError as cause:
        raise _Error("invalid_request", "the body is no form") from cause
    grants = [value for name, value in fields if name == "grant_type"]
    if len(grants) != 1:
        raise _Error("invalid_request", "grant_type has to stand in the body once")
    if grants != ["client_credentials"]:
        raise _Error("unsupported_grant_type", "grant_type has to be client_credentials")
