"""What becomes of the footprints that a supplier's host gave: for review, into quarantine, or nothing new.

The payload is in the lake before anything is noted, so a process may die between any two steps and the supplier may
say everything again. What was noted once is not noted twice; a record that was refused is judged anew each time.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from exchange.footprints import profiles
from exchange.footprints.partners import Partner
from exchange.footprints.peer import BadAnswerError
from exchange.footprints.record import ACTIVE, Footprint
from exchange.footprints.wire import ProfileError
from exchange.supplier_client.judging import Said, UnusableError, judge
from exchange.supplier_client.place import Place
from exchange.supplier_client.rows import Received, row_of
from exchange.supplier_client.wanted import Wanted
from lake import sqlitefile
from lake.batch import Batch
from lake.errors import LakeError, SourceShapeError
from lake.schemas import READING, REFUSED
from lake.store import Lake

#: The source in the lake that suppliers' payloads and refused footprints belong to.
SOURCE = "pact"
JUDGED, FOR_REVIEW, QUARANTINED, WITHDRAWN = "judged", "for_review", "quarantined", "withdrawn"
_SUFFIX = ".json"
_PATIENCE_S = 20.0
_FOLLOWED = "已被后一版本取代", "was followed by a later record"


@dataclass
class Taken:
    """Counts of records: new and for review, refused, repeated, withdrawn, of products that were not asked for."""

    judged: int = 0
    quarantined: int = 0
    repeated: int = 0
    withdrawn: int = 0
    not_asked: int = 0

    def add(self, other: "Taken") -> None:
        """Add other counts."""
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)

    @property
    def known(self) -> int:
        """How many records were of a product that was asked for."""
        return self.judged + self.quarantined + self.repeated + self.withdrawn


@dataclass(frozen=True)
class _Heard:
    """One record for one buyer: what was understood of it, or why it is refused."""

    record_id: str
    content_hash: str
    wanted: Wanted | None
    document: Any
    record: Footprint | None = None
    row: Mapping[str, str] | None = None
    refusal: Said | None = None


def take(place: Place, partner: Partner, payload: bytes, documents: Sequence[Any], ask_id: str | None = None) -> Taken:
    """Take the records of one payload of a supplier; the order of its records does not matter."""
    voucher = f"{hashlib.sha256(payload).hexdigest()}{_SUFFIX}"
    received = Received(voucher, place.now(), place.zone)
    taken, heard = Taken(), []
    for document in documents:
        found = _understood(place, partner, document, received)
        taken.not_asked += not found
        heard += found
    with place.register.reading() as connection:
        standing = _standing(connection, partner.id)
    news = [one for one in heard if _is_news(one, standing)]
    taken.repeated += len(heard) - len(news)
    if news:
        _land(place, partner, payload, [one for one in news if one.refusal and not _is_over(one)], received.at)
        with place.register.writing() as connection:
            for one in sorted(news, key=_is_over):  # what takes the place of a withdrawn one goes before it
                _note(connection, one, (partner.id, voucher.removesuffix(_SUFFIX), ask_id), taken)
    return taken


def refuse(place: Place, partner: Partner, fault: SourceShapeError) -> None:
    """Put an answer into quarantine that is none, once, with one sentence; of one that is too long the sentence."""
    said = str(fault)
    payload = fault.payload if isinstance(fault, BadAnswerError) else said.encode()
    row = {"position": 0, "reason_code": "bad_payload", "reason": said, "payload": None}
    _land_rows(place, partner, payload, [row], place.now())


def gone(place: Place, partner: Partner, record_id: str) -> int:
    """Note that a host has a record no more; return how many answers rest on it."""
    with place.register.writing() as connection:
        return _withdraw(
            connection, partner.id, record_id, "供应商不再提供该足迹", "is no longer given by the supplier"
        )


def _understood(place: Place, partner: Partner, document: Any, received: Received) -> list[_Heard]:  # noqa: ANN401
    digest = hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()
    named = document.get("id") if isinstance(document, dict) else None
    record_id = named if isinstance(named, str) else ""
    try:
        record = profiles.read(document, partner.version)
    except ProfileError as cause:
        said = Said(f"不符合规范：{_sentence(cause)}", f"is not as the specification says: {_sentence(cause)}")
        return [_Heard(record_id, digest, None, document, refusal=said)]
    wanted = [one for one in place.wanted_of(partner.id) if one.product_identifier in record.product.ids]
    return [_for(one, record, document, (partner.version, digest), received) for one in wanted]


def _for(
    wanted: Wanted, record: Footprint, document: Mapping[str, Any], said: tuple[int, str], received: Received
) -> _Heard:
    version, digest = said
    try:
        judged = judge(record, wanted, version, str(document.get("specVersion")), received.at)
    except UnusableError as cause:
        return _Heard(record.record_id, digest, wanted, document, record, refusal=cause.said)
    row = row_of(record, wanted, judged, received)
    return _Heard(record.record_id, digest, wanted, document, record, row=row)


_Key = tuple[str, str, str, str]


def _standing(connection: sqlite3.Connection, supplier_id: str) -> dict[_Key, str]:
    rows = connection.execute(
        "select organization_id, material, record_id, content_hash, state from supplier_answer where supplier_id = ?",
        (supplier_id,),
    )
    return {(one, two, three, four): state for one, two, three, four, state in rows}


def _key(one: _Heard) -> _Key:
    organization, material = (one.wanted.organization_id, one.wanted.material) if one.wanted else ("", "")
    return organization, material, one.record_id, one.content_hash


def _is_over(one: _Heard) -> bool:
    """Whether the supplier itself says that the record is no longer to be used."""
    return one.record is not None and one.record.status != ACTIVE


def _is_news(one: _Heard, standing: Mapping[_Key, str]) -> bool:
    state = standing.get(_key(one))
    return state is None or (state == QUARANTINED and one.refusal is None)


def _note(connection: sqlite3.Connection, one: _Heard, whence: tuple[str, str, str | None], taken: Taken) -> None:
    """Note one record; `whence` is the supplier, the payload's hash and what had been asked."""
    supplier_id, digest, ask_id = whence
    organization, material, record_id, content = _key(one)
    if _is_over(one):
        said = "供应商已将其停用", "was deprecated by the supplier"
        taken.withdrawn += _withdraw(connection, supplier_id, record_id, *said)
        state = WITHDRAWN
    else:
        state = QUARANTINED if one.refusal else JUDGED
        taken.quarantined += state == QUARANTINED
        taken.judged += state == JUDGED
        for before in one.record.preceding if one.record and state == JUDGED else ():
            taken.withdrawn += _withdraw(connection, supplier_id, before, *_FOLLOWED)
    connection.execute(
        "insert into supplier_answer (supplier_id, organization_id, material, record_id, content_hash, payload_hash,"
        " ask_id, received_at, state, reason_zh, reason_en, row) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " on conflict (supplier_id, organization_id, material, record_id, content_hash) do update set"
        " payload_hash = excluded.payload_hash, received_at = excluded.received_at, state = excluded.state,"
        " reason_zh = excluded.reason_zh, reason_en = excluded.reason_en, row = excluded.row",
        (
            *(supplier_id, organization, material, record_id, content, digest, ask_id, sqlitefile.now(), state),
            one.refusal.zh if one.refusal else None,
            one.refusal.en if one.refusal else None,
            json.dumps(one.row, ensure_ascii=False) if one.row else None,
        ),
    )


def _withdraw(connection: sqlite3.Connection, supplier_id: str, record_id: str, zh: str, en: str) -> int:
    changed = connection.execute(
        "update supplier_answer set state = ?, reason_zh = ?, reason_en = ?, settled_at = ?"
        " where supplier_id = ? and record_id = ? and state in (?, ?)",
        (WITHDRAWN, zh, en, sqlitefile.now(), supplier_id, record_id, JUDGED, FOR_REVIEW),
    )
    return changed.rowcount


def _land(place: Place, partner: Partner, payload: bytes, refused: Sequence[_Heard], at: datetime) -> None:
    rows = [
        {
            "position": position,
            "reason_code": "bad_footprint",
            "reason": f"{partner.id} {one.record_id}: {one.refusal.en}" if one.refusal else "",
            "payload": json.dumps(one.document, ensure_ascii=False, default=str),
        }
        for position, one in enumerate(refused)
    ]
    _land_rows(place, partner, payload, rows, at)


def _land_rows(place: Place, partner: Partner, payload: bytes, rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Keep the payload with what is refused of it, as the lake keeps every delivery: hashed, counted, sealed."""
    with _alone(place.lake):
        kept = place.lake.keep(payload, _SUFFIX)
        refused = pa.Table.from_pylist([dict(row) for row in rows], REFUSED)
        place.lake.land(Batch(SOURCE, partner.name, kept, _SUFFIX, at, READING.empty_table(), refused))


@contextmanager
def _alone(lake: Lake) -> Iterator[None]:
    """Be the one writer of the source; another one is waited for a while."""
    until = time.monotonic() + _PATIENCE_S
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(lake.writing(SOURCE))
                break
            except LakeError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield


def _sentence(cause: ProfileError) -> str:
    return (cause.faults[0] if cause.faults else str(cause))[:300]
