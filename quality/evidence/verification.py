"""Whether what lies in the lake is what was sealed: every changed, removed or inserted row is found and named."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lake import payloads
from lake.errors import LakeError
from lake.store import Lake
from lake.trail import compared
from lake.trail.registers import Register
from quality.evidence import chain, compared_readings, compared_rows, keys, merkle, tables, timestamps
from quality.evidence.chain import Entry, Head
from quality.evidence.fault import Fault, Reread, at


@dataclass(frozen=True)
class Verdict:
    """What was looked at, and what does not hold; `pending_rows` came after the last head and are not sealed yet.

    `timestamps` is how many heads an authority outside has stamped; `pending_audit_lines` stand in the logs of this
    machine's doors and were not taken in yet.
    """

    heads: int
    entries: int
    rows: int
    payloads: int
    timestamps: int
    pending_rows: int
    public_key: str | None
    root_hash: str | None
    faults: list[Fault]
    audit_lines: int = 0
    pending_audit_lines: int = 0


def verify(  # noqa: PLR0913, PLR0917 -- everything that a chain can be compared with
    lake: Lake,
    public_key: str | None = None,
    outside: Sequence[Head] = (),
    reread: Reread = lambda _table, _batch: None,
    authority: Path | None = None,
    registers: Sequence[Register] = (),
) -> Verdict:
    """Compare the lake with its chain, and the chain with a key and with heads that were kept outside.

    `authority` is a file of certificates in PEM that end the chains of the time-stamp authorities that are trusted;
    `registers` are the logs on this machine that the audit trail was taken from.

    Raises LakeError where nothing was sealed yet.
    """
    heads = chain.heads(lake)
    if not heads:
        raise LakeError(f"{lake.root}: nothing was sealed in it yet; run the site first")
    found = chain.entries(lake, heads[-1])
    faults = [*_of_heads(heads, public_key, lake.site_id()), *_of_log(heads, found), *_of_outside(heads, outside)]
    stamps = timestamps.stamps(lake)
    faults += timestamps.faults(heads, stamps, authority)
    pending = 0
    for table in sorted({entry.table_name for entry in found} | set(tables.versions(lake))):
        mine = [entry for entry in found if entry.table_name == table]
        waiting, wrong = _of_table(lake, table, mine, heads[-1], reread)
        pending += waiting
        faults += wrong
    batches = {entry.batch_id for entry in found if entry.batch_id}
    faults += _of_payloads(lake, batches)
    trail = compared.compare(lake, registers)
    faults += [Fault("audit", said) for said in trail.faults]
    rows = sum(entry.rows for entry in found)
    last = heads[-1]
    return Verdict(
        len(heads),
        len(found),
        rows,
        len(batches),
        len(stamps),
        pending,
        last.public_key,
        last.root_hash,
        faults,
        trail.lines,
        trail.waiting,
    )


def _of_heads(heads: Sequence[Head], public_key: str | None, site_id: str | None) -> Iterator[Fault]:
    before = ""
    for place, head in enumerate(heads, start=1):
        if not keys.is_signed(head.public_key, head.signed(), head.signature):
            yield Fault("head", f"head {head.number}: its signature is not that of its key over what it says")
        if public_key is not None and head.public_key != public_key:
            yield Fault("head", f"head {head.number}: signed with key {head.public_key}, not with {public_key}")
        if head.public_key != heads[0].public_key:
            yield Fault("head", f"head {head.number}: signed with another key than head 1")
        if head.number != place or head.previous_hash != before or head.site_id != site_id:
            yield Fault("head", f"head {head.number}: does not follow the head before it in this site's chain")
        before = head.hash()


def _of_log(heads: Sequence[Head], found: Sequence[Entry]) -> Iterator[Fault]:
    if [entry.chain_position for entry in found] != list(range(heads[-1].size)):
        said = f"the log has {len(found)} entries where its last head covers {heads[-1].size}"
        yield Fault("log", f"{said}: entries were removed, inserted or moved")
    algorithm = heads[-1].algorithm
    for entry in found:
        if merkle.root(chain.split(entry.leaves, algorithm), algorithm).hex() != entry.root_hash:
            said = f"entry {entry.chain_position} of the log: its root is not that of its leaves"
            yield at(entry, "log", said)
    log = merkle.Peaks(algorithm)
    for head in heads:
        log.extended([entry.leaf(algorithm) for entry in found[log.size : head.size]])
        if log.root().hex() != head.root_hash:
            yield Fault("log", f"head {head.number}: its root is not that of the {head.size} entries that it covers")
            break


def _of_outside(heads: Sequence[Head], outside: Iterable[Head]) -> Iterator[Fault]:
    for kept in outside:
        mine = next((head for head in heads if head.number == kept.number), None)
        if mine is None or mine.hash() != kept.hash():
            said = f"head {kept.number} that was kept outside is not one of this chain: its history was written anew"
            yield Fault("outside", said)


def _of_table(lake: Lake, table: str, mine: Sequence[Entry], head: Head, reread: Reread) -> tuple[int, list[Fault]]:
    """Return how many rows are not sealed yet, and what does not hold."""
    area, name = table.split("/")
    if not lake.exists(area, name):
        return 0, [Fault("rows", f"{table}: the table is gone, {len(mine)} entries speak of it", table)]
    try:
        files = tables.all_files(lake, table)
        late = tables.new_files(lake, table, head.versions().get(table))
        if tables.holds_readings(table):
            return compared_readings.compare(table, files, late, mine, head.algorithm, reread)
        return compared_rows.compare(table, files, late, mine, head.algorithm)
    except (OSError, ValueError, pl.exceptions.PolarsError) as cause:
        return 0, [Fault("rows", f"{table}: cannot be read any more ({cause})", table)]


def _of_payloads(lake: Lake, batches: Iterable[str]) -> Iterator[Fault]:
    for batch in sorted(batches):
        try:
            kept = payloads.digest_of(lake.payload(batch))
        except LakeError:
            yield Fault("payload", f"payload {batch}: is gone", batch_id=batch)
            continue
        if kept != batch:
            yield Fault(
                "payload", f"payload {batch}: its bytes are not those that its name is the hash of", batch_id=batch
            )
