"""Events that leave: queued once, posted until the partner's host takes them, given up after three days.

An event goes to the partner's registered address and nowhere else. Its id never changes, so that a partner knows a
repetition after a lost answer. What a customer may no longer see when its turn comes is withheld.
Clause: PACT Technical Specifications 3.0, Action Events: retries with exponential back-off for at most three days.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from exchange.api import accesses
from exchange.footprints import events
from exchange.footprints.inbox import Event
from exchange.footprints.partners import CUSTOMER, Partner
from exchange.footprints.peer import Peer
from exchange.outbox import ACKNOWLEDGED, DEAD, REFUSED, WAITING, Message, Outbox, Subject, pause
from exchange.register import Register
from lake import sqlitefile
from lake.errors import NengtanError, SourceAwayError

MOST_AGE = timedelta(days=3)
_BACK_OFF = {"first_retry_seconds": 5, "most_retry_seconds": 6 * 3600}
_NOT_FOUND = {2: "NoSuchFootprint", 3: "NotFound"}
_ACTIVE, _DEPRECATED = "active", "deprecated"
#: News of a record that was taken back, which nobody may see any more and whoever was told of it has to know.
_WITHDRAWN = "withdrawn"
#: So many partners' events may be queued with one id: the id is made from what the event is about.
_SPACE = uuid.UUID("5d6c1f6e-4f0f-5a3a-9b53-2f5d6b0c8a11")


@dataclass(frozen=True)
class Given:
    """A record that a customer may see, and what it is sent as in a version."""

    record_id: str
    is_active: bool
    body: Callable[[int], Mapping[str, Any]]


#: What a customer may see in a version that meets these criteria; none is everything.
Granting = Callable[[str, int, Mapping[str, Sequence[str]]], Sequence[Given]]


@dataclass
class Sent:
    """What a round did."""

    delivered: int = 0
    waiting: int = 0
    withheld: int = 0
    dead: int = 0


@dataclass(frozen=True)
class Desk:
    """The supplying end: the register, our own address, the partners, and who may see what."""

    register: Register
    address: str
    partners: Mapping[str, Partner]
    granted: Granting
    peer: Callable[[Partner], Peer] = Peer

    def customers(self) -> list[Partner]:
        """Return the customers that have an address."""
        return [partner for partner in self.partners.values() if partner.kind == CUSTOMER]


def answer(desk: Desk, partner: Partner, event: Event) -> str:
    """Queue the answer to a customer's request and return what it is; the same answer for the same request."""
    if events.word_of(event.type) != events.CREATED:
        return "put aside: a customer has nothing to answer here"
    found = desk.granted(partner.id, event.pact_version, events.criteria(event.pact_version, event.data))
    if found:
        bodies = [dict(one.body(event.pact_version)) for one in found]
        data: dict[str, Any] = {"requestEventId": event.event_id, "pfs": bodies}
        word, told = events.FULFILLED, f"{len(found)} footprints"
    else:
        error = {"code": _NOT_FOUND[event.pact_version], "message": "No footprint that meets the request is shared."}
        data, word, told = {"requestEventId": event.event_id, "error": error}, events.REJECTED, error["code"]
    with closing(Outbox(desk.register.path)) as outbox:
        _put(outbox, desk, partner, (event.pact_version, word, event.event_id), data)
    return f"{word}, {told}"


def announce(desk: Desk, withdrawn: Sequence[str] = ()) -> int:
    """Queue the news of released, deprecated and withdrawn records for the customers that may see them.

    Of a record that ended only those are told who were told of it; `withdrawn` are the ids that were taken back.
    """
    added = 0
    with closing(Outbox(desk.register.path)) as outbox:
        for partner in desk.customers():
            told = set(outbox.keys(partner.name, events.PUBLISHED))
            seen = desk.granted(partner.id, partner.version, {})
            states = [(one.record_id, _ACTIVE if one.is_active else _DEPRECATED) for one in seen]
            for record_id, state in [*states, *((record_id, _WITHDRAWN) for record_id in withdrawn)]:
                key = f"{record_id}/{state}"
                if key not in told and (state == _ACTIVE or f"{record_id}/{_ACTIVE}" in told):
                    name = _WITHDRAWN if state == _WITHDRAWN else events.PUBLISHED
                    added += _put(outbox, desk, partner, (partner.version, name, key), {"pfIds": [record_id]})
    return added


def _put(outbox: Outbox, desk: Desk, partner: Partner, what: tuple[int, str, str], data: Mapping[str, Any]) -> bool:
    version, name, key = what
    event_id = str(uuid.uuid5(_SPACE, f"{desk.address}\n{partner.name}\n{name}\n{key}"))
    word = events.PUBLISHED if name == _WITHDRAWN else name
    body = events.written(version, word, event_id, desk.address, data)
    subject = Subject(partner.name, name, key)
    return outbox.put(subject, key, lambda _key, _revision: body, sqlitefile.now())


def send(desk: Desk, now: Callable[[], float] = time.time) -> Sent:
    """Post what is due; of a partner that is away the rest waits for the next round."""
    sent = Sent()
    with closing(Outbox(desk.register.path)) as outbox:
        for partner in desk.partners.values():
            due = outbox.due(partner.name, now())
            if due:
                with desk.peer(partner) as peer:
                    _send_all(desk, outbox, peer, due, sent)
    return sent


def _send_all(desk: Desk, outbox: Outbox, peer: Peer, due: Sequence[Message], sent: Sent) -> None:
    for message in due:
        if _is_withheld(desk, peer.partner, message):
            outbox.attempted(message, sqlitefile.now(), REFUSED, "withheld: the customer may not see it any more")
            sent.withheld += 1
            continue
        _note(desk, peer.partner, message)
        outcome, said, is_away = _attempt(peer, message)
        outbox.attempted(message, sqlitefile.now(), outcome, said, time.time() + pause(_BACK_OFF, message.attempts))
        sent.delivered += outcome == ACKNOWLEDGED
        sent.waiting += outcome == WAITING
        sent.dead += outcome == DEAD
        if is_away:
            break


def _note(desk: Desk, partner: Partner, message: Message) -> None:
    """Write down which footprints are about to be handed out, as the host does before it answers."""
    if message.name != events.FULFILLED:
        return
    told = json.loads(message.body)
    line = accesses.Access(
        address=partner.url,
        act="sent",
        subject=f"{told['type']} {told['id']}",
        status=0,  # nobody knows yet whether it arrives
        records=[one["id"] for one in told["data"]["pfs"]],
        client_id=partner.inbound_client_id,
        party_kind=partner.kind,
        party_id=partner.id,
    )
    with desk.register.writing() as connection:
        accesses.note(connection, line)


def _attempt(peer: Peer, message: Message) -> tuple[str, str, bool]:
    """Return the outcome, the answer in short, and whether the host is away."""
    try:
        status, said = peer.tell(message.body)
        outcome, told, is_away = (ACKNOWLEDGED if 200 <= status < 300 else WAITING), f"HTTP {status} {said}", False
    except SourceAwayError as cause:
        outcome, told, is_away = WAITING, str(cause), True
    except NengtanError as cause:
        outcome, told, is_away = WAITING, str(cause), False
    if outcome == WAITING and _age(message) > MOST_AGE:
        return DEAD, f"given up after three days: {told}", is_away
    return outcome, told.strip(), is_away


def _age(message: Message) -> timedelta:
    return datetime.fromisoformat(sqlitefile.now()) - datetime.fromisoformat(message.queued_at)


def _is_withheld(desk: Desk, partner: Partner, message: Message) -> bool:
    """Whether an event names a footprint that its customer may not see now; that one was taken back is told."""
    if partner.kind != CUSTOMER or message.name not in (events.FULFILLED, events.PUBLISHED):
        return False
    data = json.loads(message.body)["data"]
    named = {one["id"] for one in data["pfs"]} if message.name == events.FULFILLED else set(data["pfIds"])
    return not named <= {one.record_id for one in desk.granted(partner.id, events.version_of(message.body), {})}
