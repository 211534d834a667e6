"""Pages of a list: the link to the next one is signed, belongs to one client and one question, and ends after a while.

A record keeps its place, and what was released after the first page is not part of the list: whoever follows a link
again gets the same records, unless one may not be seen any more.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.api.host import Host
from exchange.api.records import Seen
from exchange.api.refusal import Refusal
from lake.sqlitefile import stamp

_SIGNATURE = 32
_NOT_GOOD = "the link to this page is not good any more; ask for the list anew"


@dataclass(frozen=True)
class Asked:
    """A question for a list: of which client, in which version, with which criteria, how many at a time."""

    client_id: str
    version: int
    criteria: Mapping[str, Sequence[str]]
    limit: int | None
    cursor: str | None

    def digest(self) -> str:
        """Return what tells this question from every other one."""
        told = [self.client_id, self.version, sorted((key, list(values)) for key, values in self.criteria.items())]
        return hashlib.sha256(json.dumps([*told, self.limit]).encode()).hexdigest()


@dataclass(frozen=True)
class Page:
    """Some records, and what leads to the next page; None on the last one."""

    records: list[Seen]
    cursor: str | None


def page(host: Host, asked: Asked, found: Sequence[Seen], at: datetime) -> Page:
    """Return the page that is asked for of what was found; raises Refusal for a cursor that is not this client's."""
    begun, after = stamp(at), ("", "")
    if asked.cursor is not None:
        begun, after = _read(host, asked, at)
    left = [one for one in found if after < one.place and one.place[0] <= begun]
    size = min(asked.limit or host.policy.page, host.policy.page)
    if len(left) <= size:
        return Page(left, None)
    return Page(left[:size], _written(host, asked, at, begun, left[size - 1].place))


def _written(host: Host, asked: Asked, at: datetime, begun: str, place: tuple[str, str]) -> str:
    told = {"q": asked.digest(), "b": begun, "p": place, "e": stamp(at + host.policy.link)}
    content = json.dumps(told, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(host, content) + content).decode().rstrip("=")


def _read(host: Host, asked: Asked, at: datetime) -> tuple[str, tuple[str, str]]:
    text = asked.cursor or ""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as cause:
        raise Refusal(400, _NOT_GOOD) from cause
    signature, content = data[:_SIGNATURE], data[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(host, content)):
        raise Refusal(400, _NOT_GOOD)
    told = json.loads(content)
    if told["q"] != asked.digest() or told["e"] <= stamp(at):
        raise Refusal(400, _NOT_GOOD)
    return told["b"], (told["p"][0], told["p"][1])


def _signature(host: Host, content: bytes) -> bytes:
    return hmac.digest(host.signing_key, content, "sha256")
