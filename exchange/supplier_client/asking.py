"""Asks suppliers for the footprints of what they deliver: by their list, or by an event that they answer later."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

from exchange.footprints import events
from exchange.footprints.partners import EVENT, Partner
from exchange.footprints.peer import BadAnswerError, Page, Peer
from exchange.outbox import Outbox, Subject
from exchange.supplier_client import answers
from exchange.supplier_client.answers import Taken
from exchange.supplier_client.place import Place
from lake import sqlitefile
from lake.errors import SiteError, SourceAwayError, SourceShapeError

WAITING, ANSWERED, EMPTY, REJECTED, AWAY, REFUSED = "waiting", "answered", "empty", "rejected", "away", "refused"
#: A supplier that was asked by an event is not asked again for so long; responders try for three days.
_PATIENCE = timedelta(days=4)
_COMMENT = "Asked by Nengtan for the carbon footprint of a purchased product."


@dataclass
class Asked:
    """What came of asking one supplier: the state of each product, counts of records, and what went wrong."""

    states: dict[str, str] = field(default_factory=dict)
    taken: Taken = field(default_factory=Taken)
    faults: list[str] = field(default_factory=list)


def ask(place: Place, only: str | None = None) -> Iterator[tuple[Partner, Asked]]:
    """Ask each supplier, or one, for what is wanted of it; one that is away does not keep the others waiting."""
    for partner in place.suppliers(only):
        products = sorted({one.product_identifier for one in place.wanted_of(partner.id)})
        if products:
            asked = Asked()
            (_by_event if partner.way == EVENT else _by_list)(place, partner, products, asked)
            yield partner, asked


def _by_list(place: Place, partner: Partner, products: Sequence[str], asked: Asked) -> None:
    with place.peer(partner) as peer:
        for product in products:
            ask_id, said = _begun(place, partner, product), ""
            taken, state = Taken(), AWAY
            try:
                for page in peer.footprints([product]):
                    taken.add(_page(place, partner, page, ask_id))
                state = ANSWERED if taken.known else EMPTY
            except (SourceAwayError, SiteError) as cause:
                said = str(cause)
            except SourceShapeError as cause:
                state, said = REFUSED, str(cause)
                answers.refuse(place, partner, cause)
            asked.taken.add(taken)
            asked.states[product] = state
            asked.faults += [said] if said and said not in asked.faults else []
            settle(place, ask_id, state, said or _told(taken))


def _page(place: Place, partner: Partner, page: Page, ask_id: str) -> Taken:
    data = page.data.get("data") if isinstance(page.data, dict) else None
    if not isinstance(data, list):
        raise BadAnswerError(f"{partner.name}: its list of footprints has no `data`", page.payload)
    return answers.take(place, partner, page.payload, data, ask_id)


def _by_event(place: Place, partner: Partner, products: Sequence[str], asked: Asked) -> None:
    for product in products:
        _begun(place, partner, product, EVENT)
        asked.states[product] = WAITING
    requeue(place, partner)


def _begun(place: Place, partner: Partner, product: str, way: str = "list") -> str:
    """Note an ask; one by event that still waits for its answer stands for the new one."""
    with place.register.writing() as connection:
        since = sqlitefile.stamp(place.now() - _PATIENCE)
        if way == EVENT:
            found = connection.execute(
                "select ask_id from ask where supplier_id = ? and product_identifier = ? and way = ? and state = ?"
                " and asked_at > ?",
                (partner.id, product, EVENT, WAITING, since),
            ).fetchone()
            if found:
                return str(found["ask_id"])
        ask_id = str(uuid.uuid4())
        connection.execute(
            "insert into ask (ask_id, supplier_id, product_identifier, way, asked_at, state) values (?, ?, ?, ?, ?, ?)",
            (ask_id, partner.id, product, way, sqlitefile.stamp(place.now()), WAITING),
        )
    return ask_id


def requeue(place: Place, partner: Partner) -> int:
    """Put the request of each ask that waits into the outbox, where it is not there yet; return how many were not."""
    with place.register.reading() as connection:
        rows = connection.execute(
            "select ask_id, product_identifier from ask where supplier_id = ? and way = ? and state = ?",
            (partner.id, EVENT, WAITING),
        ).fetchall()
    with closing(Outbox(place.register.path)) as outbox:
        return sum(_queued(place, outbox, partner, ask_id, product) for ask_id, product in rows)


def _queued(place: Place, outbox: Outbox, partner: Partner, ask_id: str, product: str) -> bool:
    data = events.request(partner.version, [product], _COMMENT)
    body = events.written(partner.version, events.CREATED, ask_id, place.address, data)
    subject = Subject(partner.name, events.CREATED, ask_id)
    return outbox.put(subject, ask_id, lambda _key, _revision: body, sqlitefile.now())


def settle(place: Place, ask_id: str, state: str, answer: str) -> None:
    """Note what came of an ask."""
    with place.register.writing() as connection:
        connection.execute(
            "update ask set state = ?, answer = ?, settled_at = ? where ask_id = ?",
            (state, answer[:500], sqlitefile.stamp(place.now()), ask_id),
        )


def _told(taken: Taken) -> str:
    return ", ".join(f"{count} {name}" for name, count in vars(taken).items() if count) or "nothing"


def fetched(place: Place, peer: Peer, record_id: str) -> Taken:
    """Fetch one record that a supplier told of; one that it has no more is withdrawn."""
    page = peer.footprint(record_id)
    if page is None:
        return Taken(withdrawn=answers.gone(place, peer.partner, record_id))
    document = page.data.get("data") if isinstance(page.data, dict) else None
    return answers.take(place, peer.partner, page.payload, [document])
