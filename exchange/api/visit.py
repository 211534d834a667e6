"""One request from outside: who asks, whether so often, what is answered, and the line in the log before it is."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from exchange.api import accesses, clients
from exchange.api.accesses import Access
from exchange.api.book import Party
from exchange.api.host import Host
from exchange.api.refusal import TOKEN_EXPIRED, Denied, Refusal

LOG = logging.getLogger("nengtan")


@dataclass(frozen=True)
class Visit:
    """A request whose token is right."""

    client_id: str
    party: Party
    at: datetime


@dataclass(frozen=True)
class Given:
    """What is answered: the response, the ids of the records in it, and what is told of it in the log."""

    response: Response
    records: Sequence[str] = ()
    subject: str | None = None


Work = Callable[[Visit, bytes], Given]


async def answered(host: Host, request: Request, act: str, work: Work, *, takes_body: bool = False) -> Response:
    """Let a client in, do the work in a thread of its own, and keep who was given what before it is sent."""
    address = request.client.host if request.client else ""
    visit: Visit | None = None
    try:
        visit = await run_in_threadpool(_entered, host, address, request.headers.get("authorization", ""))
        content = await body_of(request, host.policy.most_bytes) if takes_body else b""
        given = await run_in_threadpool(work, visit, content)
    except Refusal as refusal:
        given = Given(refusal.answer())
        if visit is None and refusal.status == 429:
            return given.response  # a flood is refused and leaves no lines
    except Exception:
        LOG.exception("exchange: %s failed", act)
        given = Given(Refusal(500, "this could not be answered; try again later").answer())
    await run_in_threadpool(_kept, host, visit, Access(address, act, subject(request), 0), given)
    return given.response


def subject(request: Request) -> str:
    """Return what is asked for, as it is told in the log: the path and its criteria, without the cursor."""
    told = "&".join(f"{key}={value}" for key, value in request.query_params.multi_items() if key != "cursor")
    return f"{request.url.path}?{told}" if told else request.url.path


async def body_of(request: Request, most_bytes: int) -> bytes:
    """Return the body; raises Refusal where it is larger than `most_bytes`."""
    too_large = Refusal(413, f"the body is larger than {most_bytes} bytes", headers={"Connection": "close"})
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > most_bytes:
        raise too_large
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most_bytes:
                raise too_large
            parts.append(part)
    except ClientDisconnect as cause:
        raise Refusal(400, "the body ended before its end") from cause
    return b"".join(parts)


def _entered(host: Host, address: str, authorization: str) -> Visit:
    """Return who asks; raises Refusal where the token is not right, or where he asks too often."""
    at = datetime.now(UTC)
    scheme, _, token = authorization.partition(" ")
    found = None
    if scheme.lower() == "bearer" and token:
        with host.register.reading() as connection:
            found = clients.of_token(connection, token.strip(), at)
    party = host.book.party(found.client.party_kind, found.client.party_id) if found else None
    if found is None or party is None or party.client_id != found.client.client_id:
        host.of_addresses.take(address)
        raise Denied("the access token is missing or not valid")
    if found.has_expired:
        host.of_addresses.take(address)
        raise Denied("the access token has expired; ask for a new one", TOKEN_EXPIRED)
    host.of_clients.take(found.client.client_id)
    return Visit(found.client.client_id, party, at)


def _kept(host: Host, visit: Visit | None, access: Access, given: Given) -> None:
    line = Access(
        access.address,
        access.act,
        given.subject or access.subject,
        given.response.status_code,
        given.records,
        visit.client_id if visit else None,
        visit.party.kind if visit else None,
        visit.party.id if visit else None,
    )
    with host.register.writing() as connection:
        accesses.note(connection, line)
