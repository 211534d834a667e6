"""What suppliers' events bring: the answer to what we asked, a rejection, or news of a record that we may rest on.

An event counts only for the supplier whose client posted it: an answer to a request that was sent to another is told
and put aside.
"""

import sqlite3

from exchange.footprints import events
from exchange.footprints.inbox import Event
from exchange.footprints.partners import Partner
from exchange.footprints.peer import BadAnswerError
from exchange.supplier_client import answers, asking
from exchange.supplier_client.answers import Taken
from exchange.supplier_client.place import Place
from lake.errors import SourceShapeError

_MOST_RECORDS = 1000


def hear(place: Place, partner: Partner, event: Event) -> str:
    """Handle one event of a supplier and return what came of it, in short; safe to be repeated.

    Raises SourceAwayError where the supplier's host is away and the event has to wait.
    """
    word = events.word_of(event.type)
    if word == events.PUBLISHED:
        return _published(place, partner, event)
    ask = _ask_of(place, partner, event)
    if ask is None:
        return "put aside: nothing was asked of this supplier by that request"
    if word == events.REJECTED:
        return _rejected(place, ask, event)
    if word == events.FULFILLED:
        return _fulfilled(place, partner, ask, event)
    return "put aside: a supplier asks nothing of us"


def _ask_of(place: Place, partner: Partner, event: Event) -> sqlite3.Row | None:
    with place.register.reading() as connection:
        found: sqlite3.Row | None = connection.execute(
            "select * from ask where ask_id = ? and supplier_id = ?",
            (str(event.data.get("requestEventId")), partner.id),
        ).fetchone()
    return found


def _rejected(place: Place, ask: sqlite3.Row, event: Event) -> str:
    error = event.data.get("error")
    told = error if isinstance(error, dict) else {}
    said = f"{told.get('code', 'no code')}: {told.get('message', 'no message')}"[:500]
    if ask["state"] == asking.WAITING:
        asking.settle(place, ask["ask_id"], asking.REJECTED, said)
    return f"rejected, {said}"


def _fulfilled(place: Place, partner: Partner, ask: sqlite3.Row, event: Event) -> str:
    documents = event.data.get("pfs")
    if not isinstance(documents, list):
        said = f"{partner.name}: the answer has no list `pfs`"
        answers.refuse(place, partner, BadAnswerError(said, event.body.encode()))
        asking.settle(place, ask["ask_id"], asking.REFUSED, "the answer has no list `pfs`")
        return "put aside: the answer has no list of footprints"
    taken = answers.take(place, partner, event.body.encode(), documents, ask["ask_id"])
    state = asking.ANSWERED if taken.known else asking.EMPTY
    asking.settle(place, ask["ask_id"], state, f"{len(documents)} footprints by event")
    return _told(taken)


def _published(place: Place, partner: Partner, event: Event) -> str:
    named = event.data.get("pfIds")
    ids = [one for one in named if isinstance(one, str)] if isinstance(named, list) else []
    if len(ids) > _MOST_RECORDS:
        return f"put aside: more than {_MOST_RECORDS} footprints in one event"
    taken = Taken()
    with place.peer(partner) as peer:
        for record_id in dict.fromkeys(ids):
            try:
                taken.add(asking.fetched(place, peer, record_id))
            except SourceShapeError as cause:
                answers.refuse(place, partner, cause)
                taken.quarantined += 1
    return _told(taken)


def _told(taken: Taken) -> str:
    return ", ".join(f"{count} {name}" for name, count in vars(taken).items() if count) or "nothing new"
