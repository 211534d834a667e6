"""Lists of the addresses that may connect to us, and what is told of the others."""

import ipaddress
import time
from collections.abc import Sequence

from lake.errors import SourceShapeError

_TELL_EVERY_S = 60.0
_REMEMBERED = 1000


class Allowed:
    """Addresses and networks, such as 10.1.2.3 and 192.168.0.0/16; where there is no list everyone is welcome."""

    def __init__(self, where: str, listed: Sequence[object] | None) -> None:
        """Take the list; raises SourceShapeError where one of it is no address."""
        self._networks = None if listed is None else [_network(where, str(one)) for one in listed]

    def __contains__(self, address: str) -> bool:
        """Whether a peer of this address may connect."""
        if self._networks is None:
            return True
        found = ipaddress.ip_address(address.partition("%")[0])
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self._networks)


class Turned:
    """Counts who was turned away, so that each address is told once a minute and not at each knock."""

    def __init__(self) -> None:
        """Start with none."""
        self._counts: dict[str, int] = {}
        self._told: dict[str, float] = {}

    def away(self, address: str) -> int:
        """Count a peer that was turned away; return how often it was since it was last told, 0 where it is not due."""
        if address not in self._told and len(self._told) >= _REMEMBERED:
            address = "others"
        self._counts[address] = self._counts.get(address, 0) + 1
        if time.monotonic() < self._told.get(address, -_TELL_EVERY_S) + _TELL_EVERY_S:
            return 0
        self._told[address] = time.monotonic()
        return self._counts.pop(address)


def _network(where: str, text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as cause:
        raise SourceShapeError(f"{where}: allow {text!r} is no address; write 10.1.2.3 or 192.168.0.0/16") from cause
