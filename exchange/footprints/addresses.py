"""Which addresses we go to: those that the site's owner wrote down, and none that a partner's answer slips in."""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from lake.errors import SourceShapeError

_HTTPS = 443


def host_of(url: str) -> tuple[str, int]:
    """Return host and port of an https address; raises SourceShapeError for anything else."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as cause:
        raise SourceShapeError(f"{url[:200]!r} is no address") from cause
    if parts.scheme != "https" or not host:
        raise SourceShapeError(f"{url[:200]!r} is not an https address: footprints travel over TLS only")
    if parts.username or parts.password:
        raise SourceShapeError("an address carries a user name: secrets stand in the environment")
    return host, port or _HTTPS


def check_same(url: str, registered: str) -> None:
    """Raise SourceShapeError where an address is not on the registered host and port."""
    if host_of(url) != host_of(registered):
        raise SourceShapeError(f"the host names {url[:200]!r}, which is not on its own host {registered}")


def check_named(url: str, registered: Collection[str]) -> None:
    """Raise SourceShapeError where an address that a host named leads into a private network.

    A registered host may be private; one that an answer names may not, or we would carry a secret to it.
    """
    place = host_of(url)
    if place in {host_of(known) for known in registered}:
        return
    try:
        found = {info[4][0] for info in socket.getaddrinfo(*place, type=socket.SOCK_STREAM)}
    except OSError as cause:
        raise SourceShapeError(f"the host names {url[:200]!r}, which nobody knows") from cause
    if not all(ipaddress.ip_address(str(one).partition("%")[0]).is_global for one in found):
        raise SourceShapeError(f"the host names {url[:200]!r}, which is in a private network and not registered")
