"""The addresses that the host tells: on the name that it was asked by, as the specification wants links to be."""

import re
from urllib.parse import urlsplit

from starlette.requests import Request

from exchange.api.host import Host
from exchange.api.refusal import Refusal

_NAME = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def of_request(host: Host, request: Request) -> str:
    """Return the base of links: the name of the request, and below it the path that the outside knows the host by."""
    name = request.headers.get("host", "")
    if not _NAME.fullmatch(name):
        raise Refusal(400, "the Host header is no name")
    return f"https://{name}{urlsplit(host.policy.address or '').path.rstrip('/')}"


def of_host(host: Host, request: Request) -> str:
    """Return the base that the host is set to be known by, else that of the request."""
    return host.policy.address.rstrip("/") if host.policy.address else of_request(host, request)


def is_from(registered: str | None, source: str) -> bool:
    """Whether an event's source is at the registered address of who sent it, or below it.

    It is compared and never asked: nothing is sent to where an event says it came from.
    """
    known, told = _parts(registered or ""), _parts(source)
    if known is None or told is None or known[:2] != told[:2]:
        return False
    path = known[2].rstrip("/")
    return told[2] == path or told[2].startswith(f"{path}/")


def _parts(text: str) -> tuple[str, int, str] | None:
    """Return host, port and path of an https address, or of one without a scheme, as PACT's own examples have them."""
    if not text.isascii() or any(letter.isspace() or not letter.isprintable() for letter in text) or "\\" in text:
        return None
    try:
        read = urlsplit(text)
        port = read.port or 443
    except ValueError:
        return None
    is_plain = not (read.username or read.password or read.query or read.fragment or "@" in read.netloc)
    if read.scheme not in ("", "https") or not read.hostname or not is_plain or "/../" in f"{read.path}/":
        return None
    return read.hostname, port, read.path
