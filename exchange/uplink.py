"""Telling a platform above: published figures become messages, messages are sent until they are acknowledged.

Nothing is lost: a message leaves the outbox only with an acknowledgement. It may arrive twice (an answer was lost), and
then carries the same Idempotency-Key. The wire names are the template's; none of a platform is built in.
"""

import json
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import httpx
import jsonpath

from exchange.outbox import ACKNOWLEDGED, REFUSED, WAITING, Message, Outbox, Subject, pause
from exchange.template import Row, as_json, filled
from lake.errors import UplinkError
from lake.site.load import UplinkSpec

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole addresses, and these may hold a password
Ask = Callable[[str], Sequence[Row]]
_ANSWER = 500
#: The receiver understood and will not take it, however often it is sent.
_FINAL = frozenset({400, 405, 406, 410, 411, 413, 414, 415, 422})
#: What the outbox adds to the columns of a query.
_OWN = ("idempotency_key", "revision", "queued_at")


@dataclass
class Sent:
    """What a round did with the messages that were due."""

    acknowledged: int = 0
    waiting: int = 0
    refused: int = 0


def queue(outbox: Outbox, spec: UplinkSpec, ask: Ask) -> int:
    """Put the messages of an uplink into the outbox whose content is news; return how many.

    `ask` answers a query on the published marts. Raises UplinkError where a query or template is wrong.
    """
    added = 0
    for name, message in (spec.settings.get("messages") or {}).items():
        columns = [str(column) for column in message["key"]]
        for rows in _groups(ask(str(message["query"])), columns, f"{spec.id}.{name}"):
            key = as_json([rows[0][column] for column in columns])
            at = _now()

            def body(told: str, revision: int, rows: Sequence[Row] = rows, at: str = at) -> str:
                own = dict(zip(_OWN, (told, revision, at), strict=True))
                return as_json(filled(message["template"], [{**row, **own} for row in rows]))  # noqa: B023 - used at once

            blank = [{**row, **dict.fromkeys(_OWN)} for row in rows]
            content = as_json(filled(message["template"], blank))
            added += outbox.put(Subject(spec.id, name, key), content, body, at)
    return added


def client_of(spec: UplinkSpec) -> httpx.Client:
    """Return what speaks to the platform of an uplink; whoever asks closes it."""
    headers = {"Content-Type": "application/json; charset=utf-8", **_headers(spec.settings)}
    return httpx.Client(headers=headers, timeout=float(spec.settings.get("timeout_seconds", 30)))


def send(outbox: Outbox, spec: UplinkSpec, client: httpx.Client, most_seconds: float = math.inf) -> Sent:
    """Send what is due; where the platform is away the round ends, and what is left waits for longer each time.

    No message is begun after `most_seconds`.
    """
    sent, until = Sent(), time.monotonic() + most_seconds
    for message in outbox.due(spec.id, time.time()):
        if time.monotonic() > until:
            break
        outcome, answer, is_away = _attempt(client, spec, message)
        next_at = None
        if outcome == WAITING:
            next_at = time.time() + pause(spec.settings, message.attempts)
        outbox.attempted(message, _now(), outcome, answer, next_at)
        sent.acknowledged += outcome == ACKNOWLEDGED
        sent.refused += outcome == REFUSED
        sent.waiting += outcome == WAITING
        if is_away:
            break
    return sent


def _attempt(client: httpx.Client, spec: UplinkSpec, message: Message) -> tuple[str, str, bool]:
    """Return the outcome, the answer in short, and whether the platform is away."""
    try:
        answer = client.post(
            str(spec.settings["url"]),
            content=message.body.encode(),
            headers={"Idempotency-Key": message.idempotency_key},
        )
    except httpx.InvalidURL as cause:
        raise UplinkError(f"uplink {spec.id}: its url is no address; correct uplinks.yaml") from cause
    except httpx.TransportError as cause:
        return WAITING, type(cause).__name__, True
    told = f"HTTP {answer.status_code} {answer.text[:_ANSWER]}".strip()
    if answer.status_code in (spec.settings.get("known_status") or ()):
        return ACKNOWLEDGED, told, False  # it has this message already
    if answer.is_success:
        return (ACKNOWLEDGED if _is_accepted(spec, answer.text) else WAITING), told, False
    return (REFUSED, told, False) if answer.status_code in _FINAL else (WAITING, told, True)


def _is_accepted(spec: UplinkSpec, text: str) -> bool:
    """Whether the body of a good answer says so, too, where the platform answers with a code of its own."""
    accepted = spec.settings.get("accepted")
    if not accepted:
        return True
    try:
        found = jsonpath.findall(str(accepted["path"]), json.loads(text))
    except (ValueError, jsonpath.JSONPathError):
        return False
    return any(str(value) in {str(one) for one in accepted["values"]} for value in found)


def _headers(settings: Mapping[str, Any]) -> dict[str, str]:
    token = settings.get("token")
    own = {str(name): str(value) for name, value in (settings.get("headers") or {}).items()}
    return {**own, **({"Authorization": f"Bearer {token}"} if token else {})}


def _groups(rows: Sequence[Row], columns: Sequence[str], where: str) -> Iterator[list[Row]]:
    """Yield the rows of each message, in the order of their keys."""
    for column in columns:
        if rows and column not in rows[0]:
            raise UplinkError(f"uplink {where}: the key names {column!r}, the query gives {', '.join(rows[0])}")

    def key(row: Row) -> str:
        return as_json([row[column] for column in columns])

    for _, group in groupby(sorted(rows, key=key), key):
        yield list(group)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
