"""Speaks with one PACT host: token, pages of footprints, one footprint, an event. Bounded in size, pages and time.

Nothing here judges what was said. Clause: PACT Technical Specifications 3.0 and 2.3, actions Authenticate,
ListFootprints, GetFootprint, Events.
"""

import json
import logging
import re
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urljoin

import httpx

from exchange.footprints import addresses, events
from exchange.footprints.partners import Partner
from lake.errors import SourceAwayError, SourceShapeError

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole addresses
#: One answer, and all pages of one list. Ten thousand footprints are about 40 MB.
MOST_BYTES, MOST_BYTES_OF_LIST, MOST_PAGES = 20_000_000, 100_000_000, 1000
_SECONDS = 30.0
#: A page that drips is given up after so long, whatever each single read takes.
_MOST_SECONDS = 120.0
_EARLY = 0.9
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel\s*=\s*"?next"?', re.IGNORECASE)
_TOLD = 300
#: The host may answer the same request later; anything else of 4xx it never will.
_LATER = frozenset({401, 403, 404, 408, 409, 423, 425, 429})


class BadAnswerError(SourceShapeError):
    """An answer that is not what the specification says; `payload` is the answer as it came."""

    def __init__(self, said: str, payload: bytes) -> None:
        """Keep the answer beside what is wrong with it."""
        super().__init__(said)
        self.payload = payload


@dataclass(frozen=True)
class Page:
    """One answer as it came, and what it holds."""

    payload: bytes
    data: Any


class Peer:
    """A partner's host, for as long as it is opened; the token lives here and nowhere else."""

    def __init__(self, partner: Partner, most_seconds: float = _MOST_SECONDS) -> None:
        """Open connections when they are needed; certificates are those that the machine trusts."""
        addresses.host_of(partner.url)
        self.partner = partner
        self._most_seconds = most_seconds
        self._client = httpx.Client(
            verify=ssl.create_default_context(),
            timeout=min(_SECONDS, most_seconds),
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "nengtan"},
        )
        self._token = ""
        self._until = 0.0

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def footprints(self, product_ids: Sequence[str], limit: int = 100) -> Iterator[Page]:
        """Yield the pages of the footprints of these products, all where none is named.

        Raises SourceAwayError where trying later can help, SourceShapeError where it cannot.
        """
        url: str | None = f"{self._base}/footprints?{self._criteria(product_ids, limit)}"
        seen: set[str] = set()
        left = MOST_BYTES_OF_LIST
        while url:
            if url in seen:
                raise SourceShapeError(f"{self.partner.name}: its pages lead in a circle at {url[:200]}")
            seen.add(url)
            if len(seen) > MOST_PAGES:
                raise SourceShapeError(f"{self.partner.name}: more than {MOST_PAGES} pages")
            page, link = self._page(url, min(left, MOST_BYTES))
            left -= len(page.payload)
            yield page
            url = self._next(url, link)

    def footprint(self, record_id: str) -> Page | None:
        """Return one footprint as `{"data": {…}}`; None where the host knows none of this id for us."""
        url = f"{self._base}/footprints/{quote(record_id, safe='')}"
        status, payload, _ = self._asked("GET", url)
        if status in (403, 404):
            return None
        return Page(payload, _read(payload, url, self._checked(status, payload, url)))

    def tell(self, body: str) -> tuple[int, str]:
        """Post an event where its version is heard; return the status and how the answer begins. Raises as before."""
        kind = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}
        url = f"{self.partner.url}/{events.version_of(body)}/events"
        status, payload, _ = self._asked("POST", url, content=body.encode(), headers=kind)
        return status, payload[:_TOLD].decode("utf-8", "replace")

    @property
    def _base(self) -> str:
        return f"{self.partner.url}/{self.partner.version}"

    def _criteria(self, product_ids: Sequence[str], limit: int) -> str:
        if self.partner.version >= 3:
            return urlencode([("limit", limit), *(("productId", one) for one in product_ids)])
        # OData knows no `or` here: one product is asked for at a time, several are asked for without a filter
        told = [("limit", str(limit))]
        if len(product_ids) == 1:
            named = product_ids[0].replace("'", "''")
            told.append(("$filter", f"productIds/any(productId:(productId eq '{named}'))"))
        return urlencode(told)

    def _page(self, url: str, most: int) -> tuple[Page, str | None]:
        status, payload, headers = self._asked("GET", url, most=most)
        link: str | None = headers.get("link")
        return Page(payload, _read(payload, url, self._checked(status, payload, url))), link

    def _next(self, url: str, link: str | None) -> str | None:
        found = _NEXT.search(link or "")
        if found is None:
            return None
        target: str = urljoin(url, found[1])
        addresses.check_same(target, self.partner.url)
        return target

    def _asked(
        self,
        method: str,
        url: str,
        *,
        most: int = MOST_BYTES,
        **said: Any,  # noqa: ANN401 - httpx's own
    ) -> tuple[int, bytes, httpx.Headers]:
        """Ask with a token; one that is over is renewed once."""
        extra = said.pop("headers", {})
        for is_last in (False, True):
            headers = {**extra, "Authorization": f"Bearer {self._bearer()}"}
            status, payload, answered = self._exchanged(method, url, most=most, headers=headers, **said)
            if is_last or not (status == 401 or (status == 400 and b"TokenExpired" in payload)):
                break
            self._token = ""
        return status, payload, answered

    def _bearer(self) -> str:
        if not self._token or time.monotonic() >= self._until:
            self._token, seconds = self._authenticated()
            self._until = time.monotonic() + seconds * _EARLY
        return self._token

    def _authenticated(self) -> tuple[str, float]:
        endpoint, name = self._endpoint(), self.partner.name
        status, payload, _ = self._exchanged(
            "POST", endpoint, data={"grant_type": "client_credentials"}, auth=self.partner.credentials()
        )
        if status in (400, 401):
            raise SourceAwayError(f"{name}: our client id or secret is refused at {endpoint}; ask for a new one")
        told = _read(payload, endpoint, self._checked(status, payload, endpoint))
        told = told if isinstance(told, dict) else {}
        token, seconds = told.get("access_token"), told.get("expires_in")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise SourceShapeError(f"{name}: {endpoint} gives no access_token")
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            return token, float(seconds)
        return token, _MOST_SECONDS

    def _endpoint(self) -> str:
        """Return where tokens are given: as the host's OpenID document says, else `/auth/token`."""
        base = self.partner.auth_url
        addresses.host_of(base)
        status, payload, _ = self._exchanged("GET", f"{base}/.well-known/openid-configuration")
        if status == 200:
            try:
                told = json.loads(payload)
            except (ValueError, RecursionError):
                told = None
            named = told.get("token_endpoint") if isinstance(told, dict) else None
            if isinstance(named, str):
                addresses.check_named(named, (base, self.partner.url))
                return named
        return f"{base}/auth/token"

    def _exchanged(
        self,
        method: str,
        url: str,
        *,
        most: int = MOST_BYTES,
        **said: Any,  # noqa: ANN401 - httpx's own
    ) -> tuple[int, bytes, httpx.Headers]:
        """Exchange one request for an answer of bounded size and time."""
        until, parts, size = time.monotonic() + self._most_seconds, [], 0
        try:
            with self._client.stream(method, url, **said) as answer:
                for part in answer.iter_bytes():
                    parts.append(part)
                    size += len(part)
                    if size > most:
                        raise SourceShapeError(f"{self.partner.name}: an answer of more than {most / 1e6:.0f} MB")
                    if time.monotonic() > until:
                        raise SourceAwayError(
                            f"{self.partner.name}: an answer takes more than {self._most_seconds:g} s"
                        )
                return answer.status_code, b"".join(parts), answer.headers
        except httpx.TransportError as cause:
            raise SourceAwayError(f"{self.partner.name}: {url.partition('?')[0]} is away, {_why(cause)}") from cause
        except (httpx.InvalidURL, httpx.DecodingError) as cause:
            raise SourceShapeError(f"{self.partner.name}: {_why(cause)}") from cause

    def _checked(self, status: int, payload: bytes, url: str) -> str:
        """Return the partner's name where the answer is good; raise else."""
        if 200 <= status < 300:
            return self.partner.name
        said = f"{self.partner.name}: {url.partition('?')[0]} answers {status} {_message(payload)}".strip()
        raise (SourceAwayError if status >= 500 or status in _LATER else SourceShapeError)(said)


def _read(payload: bytes, url: str, name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(payload, parse_constant=_refused)
    except (ValueError, RecursionError) as cause:
        raise BadAnswerError(f"{name}: {url.partition('?')[0]} gives no JSON ({_why(cause)})", payload) from cause


def _refused(word: str) -> Any:  # noqa: ANN401 - it never returns
    raise ValueError(f"{word} is no number of JSON")


def _message(payload: bytes) -> str:
    """Return the code and message of an error response, or its beginning."""
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        told = None
    if isinstance(told, Mapping):
        return " ".join(str(told[key])[:_TOLD] for key in ("code", "error", "message") if told.get(key))
    return payload[:100].decode("utf-8", "replace")


def _why(cause: Exception) -> str:
    said = str(cause).strip().splitlines()
    return f"{type(cause).__name__}: {said[0][:_TOLD]}" if said else type(cause).__name__
