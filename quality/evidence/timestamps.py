"""Time stamps of heads by an authority outside (RFC 3161): who says when a head was there, and is not its owner.

One row of evidence/timestamps is the authority's whole answer about one head. What is stamped is the head with its
signature, hashed with SHA-512.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pyarrow as pa

from lake import commits, datafiles, tablerows
from lake.errors import LakeError
from lake.schemas import UTC as INSTANT
from lake.store import Lake
from quality.evidence import chain
from quality.evidence.chain import Head
from quality.evidence.fault import Fault

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse

_SECONDS = 10
_NAME = "timestamps"
_HASHES = {
    "2.16.840.1.101.3.4.2.1": hashlib.sha256,
    "2.16.840.1.101.3.4.2.2": hashlib.sha384,
    "2.16.840.1.101.3.4.2.3": hashlib.sha512,
}
STAMP = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("stamped_at", INSTANT, nullable=False),
        pa.field("reply", pa.binary(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Stamp:
    """What an authority answered about one head: its reply in DER, and the time that it states."""

    number: int
    stamped_at: datetime
    reply: bytes


def stamps(lake: Lake) -> list[Stamp]:
    """Return the stamps, those of the first heads first."""
    if not lake.exists(chain.AREA, _NAME):
        return []
    rows = tablerows.read(lake.path(chain.AREA, _NAME)).to_pylist()
    found = [Stamp(row["number"], row["stamped_at"].astimezone(UTC), row["reply"]) for row in rows]
    return sorted(found, key=lambda stamp: (stamp.number, stamp.stamped_at))


def stamp(lake: Lake, head: Head, address: str) -> Stamp:
    """Ask the authority at an address for a stamp of a head and keep it; return the one there is already.

    Raises LakeError where the authority does not answer or answers something else.
    """
    held = [found for found in stamps(lake) if found.number == head.number]
    if held:
        return held[-1]
    asked = query(head)
    try:
        answer = httpx.post(
            address,
            content=asked.as_bytes(),
            headers={"Content-Type": "application/timestamp-query"},
            timeout=_SECONDS,
        ).raise_for_status()
    except httpx.HTTPError as cause:
        raise LakeError(f"{address}: gave no time stamp ({cause}); the next run asks again") from cause
    if _read(answer.content, address).tst_info.nonce != asked.nonce:
        raise LakeError(f"{address}: answered another question than the one that was asked; the next run asks again")
    return keep(lake, [head], answer.content, address)


def query(head: Head) -> "TimeStampRequest":
    """Return the question about a head, to be sent or to be carried to an authority."""
    from rfc3161_client import TimestampRequestBuilder

    return TimestampRequestBuilder().data(_stamped(head)).build()


def keep(lake: Lake, heads: Iterable[Head], reply: bytes, name: str) -> Stamp:
    """Keep an answer beside the head that it is about; raises LakeError where it is about none of them."""
    read = _read(reply, name)
    for head in heads:
        if _is_of(read, head):
            found = Stamp(head.number, read.tst_info.gen_time.astimezone(UTC), reply)
            place = lake.path(chain.AREA, _NAME)
            rows = pa.Table.from_pylist([vars(found)], STAMP)
            commits.commit(commits.open_or_create(place, STAMP), [datafiles.write(rows, place, {})])
            return found
    raise LakeError(f"{name}: is a time stamp of something else than a head of this lake's chain")


def faults(heads: Sequence[Head], found: Iterable[Stamp], roots: Path | None) -> Iterator[Fault]:
    """Return the stamps that do not hold; without trusted certificates only what they are about is looked at."""
    by_number = {head.number: head for head in heads}
    for one in found:
        head = by_number.get(one.number)
        try:
            if head is None or not _is_of(_read(one.reply, "its time stamp"), head):
                yield Fault("timestamp", f"head {one.number}: its time stamp is about something else")
            elif roots is not None:
                _check(one, head, roots)
        except LakeError as trouble:
            yield Fault("timestamp", f"head {one.number}: {trouble}")


def _check(found: Stamp, head: Head, roots: Path) -> None:
    from cryptography.x509 import load_pem_x509_certificates
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        builder = VerifierBuilder(roots=load_pem_x509_certificates(roots.read_bytes()))
    except ValueError as cause:
        raise LakeError(f"{roots.name}: holds no certificate in PEM; give those of the time-stamp authority") from cause
    try:
        builder.build().verify_message(_read(found.reply, "its time stamp"), _stamped(head))
    except VerificationError as cause:
        raise LakeError(f"its time stamp does not hold ({cause})") from cause


def _read(reply: bytes, name: str) -> "TimeStampResponse":
    from rfc3161_client import decode_timestamp_response

    try:
        read = decode_timestamp_response(reply)
        _ = read.tst_info.gen_time
    except ValueError as cause:
        raise LakeError(f"{name}: is not a time stamp of RFC 3161 that was granted") from cause
    return read


def _is_of(read: "TimeStampResponse", head: Head) -> bool:
    imprint = read.tst_info.message_imprint
    digest = _HASHES.get(imprint.hash_algorithm.dotted_string)
    return digest is not None and digest(_stamped(head)).digest() == imprint.message


def _stamped(head: Head) -> bytes:
    return head.signed() + head.signature.encode()
