"""How the exchange stands: what was asked of each supplier and answered, and what became of each partner's events."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from exchange.outbox import Outbox
from exchange.register import FILE, Register, opened
from exchange.supplier_client.answers import WITHDRAWN

_ASKS = """
    select supplier_id, product_identifier, way, state, asked_at, answer from ask
    where rowid in (select max(rowid) from ask group by supplier_id, product_identifier)
    order by supplier_id, product_identifier
"""
_ANSWERS = """
    select supplier_id, organization_id, material, record_id, state, received_at, reason_zh, reason_en, payload_hash
    from supplier_answer order by number desc limit 200
"""
_EVENTS = """
    select client_id, type, received_at, handled_at, outcome from event_in
    order by received_at desc, rowid desc limit 100
"""
_WITHDRAWN = """
    select distinct supplier_id, lower(record_id) as record_id, reason_zh, reason_en from supplier_answer
    where state = ? order by supplier_id, record_id
"""
_LAST = """
    select uplink, attempt.answer from attempt join message on message.id = message_id where attempt.rowid in (
        select max(a.rowid) from attempt as a join message as m on m.id = a.message_id group by m.uplink
    )
"""


def of(register: Register) -> dict[str, Any]:
    """Return the latest ask of each product, the latest answers and events, and the counts of events that leave."""
    with closing(Outbox(register.path)):  # its tables are made where nothing has left yet
        pass
    with register.reading() as connection:
        counts: dict[str, dict[str, int]] = {}
        for partner, state, count in connection.execute(
            "select uplink, state, count(*) from message group by uplink, state order by uplink, state"
        ):
            counts.setdefault(partner, {})[state] = count
        told = {
            name: [dict(row) for row in connection.execute(query)]
            for name, query in (("asks", _ASKS), ("answers", _ANSWERS), ("events", _EVENTS))
        }
        last = dict(connection.execute(_LAST).fetchall())
    leaving = {partner: {"counts": found, "last_answer": last.get(partner)} for partner, found in counts.items()}
    return {**told, "leaving": leaving}


def withdrawn(place: Path) -> list[dict[str, str]]:
    """Return the records that suppliers took back: supplier_id, record_id, reason_zh, reason_en.

    `place` is the folder of the published marts; without a register nothing was ever asked by PACT.
    """
    if not (place / FILE).is_file():
        return []
    with opened(place).reading() as connection:
        return [dict(row) for row in connection.execute(_WITHDRAWN, (WITHDRAWN,))]


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield how it stands, line by line."""
    for ask in found["asks"]:
        yield f"{ask['supplier_id']} {ask['product_identifier']}: {ask['state']} since {ask['asked_at'][:16]}"
    for answer in found["answers"]:
        why = f", {answer['reason_en']}" if answer["reason_en"] else ""
        yield f"{answer['supplier_id']} {answer['material']} {answer['record_id']}: {answer['state']}{why}"
    for event in found["events"]:
        yield f"from {event['client_id']} {event['type']}: {event['outcome'] or 'waits'}"
    for partner, told in found["leaving"].items():
        counts = ", ".join(f"{count} {state}" for state, count in told["counts"].items())
        yield f"to {partner}: {counts}; last answer: {told['last_answer'] or 'none yet'}"
