"""Taking what has come since the last head into the log, table by table, from the rows themselves."""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl

from lake.errors import LakeError
from lake.store import Lake
from quality.evidence import canonical, chain, keys, merkle, tables
from quality.evidence.chain import Entry, Head

_LOG = logging.getLogger("nengtan")
_Ranges = dict[tuple[str, date | None, str | None], list[tuple[int, int]]]


def seal(lake: Lake, key: keys.PrivateKey, algorithm: str = "sha256", now: datetime | None = None) -> Head | None:
    """Take new rows of raw, quarantine and ref into the log and sign its head; return the head that holds then.

    Nothing is written where nothing is new. The caller is the one run of this lake. Raises LakeError where the chain
    was begun with another hash, and where the log on disk is not the one that its last head signed.
    """
    heads = chain.heads(lake)
    last = heads[-1] if heads else None
    if last and last.algorithm != algorithm:
        raise LakeError(f"the evidence chain was begun with {last.algorithm}; it cannot go on with {algorithm}")
    versions = tables.versions(lake)
    sealed = last.versions() if last else {}
    changed = [table for table, version in versions.items() if sealed.get(table) != version]
    if not changed:
        return last
    known = chain.entries(lake, last)
    found = [entry for table in changed for entry in _new(lake, table, sealed.get(table), known, algorithm)]
    if not found:
        return last
    size = last.size if last else 0
    found = [replace(entry, chain_position=size + number) for number, entry in enumerate(found)]
    head = _head(lake, key, last, found, algorithm, now or datetime.now(UTC))
    chain.append(lake, found, replace(head, sealed_versions=json.dumps(versions, sort_keys=True)))
    return head


def _head(  # noqa: PLR0913, PLR0917 -- what a head is made of
    lake: Lake, key: keys.PrivateKey, last: Head | None, found: Sequence[Entry], algorithm: str, now: datetime
) -> Head:
    held = chain.split(last.peaks, algorithm) if last else []
    log = merkle.Peaks(algorithm, last.size if last else 0, held)
    if last and log.root().hex() != last.root_hash:
        raise LakeError("the evidence chain's last head is not the root of its own trees; run nengtan evidence verify")
    log.extended([entry.leaf(algorithm) for entry in found])
    head = Head(
        number=last.number + 1 if last else 1,
        size=log.size,
        root_hash=log.root().hex(),
        site_id=lake.site_id() or "",
        sealed_at=now.astimezone(UTC),
        previous_hash=last.hash() if last else "",
        algorithm=algorithm,
        public_key=keys.public(key),
        peaks=b"".join(log.peaks),
    )
    return replace(head, signature=keys.signature(key, head.signed()))


def _new(lake: Lake, table: str, version: int | None, known: Sequence[Entry], algorithm: str) -> Iterator[Entry]:
    mine = [entry for entry in known if entry.table_name == table]
    files = tables.new_files(lake, table, version)
    is_all = files is None
    if files is None:
        _LOG.info("evidence: %s is compared as a whole, its log no longer tells what is new", table)
        files = tables.all_files(lake, table)
    if tables.holds_readings(table):
        yield from _of_readings(table, files, _ranges(mine), algorithm, is_all=is_all)
    else:
        yield from _of_rows(table, files, mine if is_all else [], algorithm)


def _ranges(known: Iterable[Entry]) -> _Ranges:
    """Return which positions of each batch are in the log."""
    found: _Ranges = {}
    for entry in known:
        if entry.first_position is not None and entry.last_position is not None:
            place = (entry.table_name, entry.month, entry.batch_id)
            found.setdefault(place, []).append((entry.first_position, entry.last_position))
    return found


def _of_readings(table: str, files: Sequence[str], ranges: _Ranges, algorithm: str, *, is_all: bool) -> Iterator[Entry]:
    for month, found in tables.by_month(files):
        for batch, readings, places in tables.by_batch(found):
            taken = ranges.get((table, month, batch), [])
            news = readings.filter(~_within(taken)) if is_all else readings
            if news.height:
                yield of_readings(table, month, batch, news, places, algorithm, taken)


def _within(taken: Sequence[tuple[int, int]]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(False), *[pl.col("position").is_between(*one) for one in taken])


def of_readings(  # noqa: PLR0913, PLR0917 -- what an entry is made of
    table: str,
    month: date,
    batch: str,
    readings: pl.DataFrame,
    places: int,
    algorithm: str,
    taken: Sequence[tuple[int, int]] = (),
) -> Entry:
    """Return the entry of a batch's readings of one month.

    Where an earlier entry has positions among these (a payload that was read again and gave more), the rows are named
    one by one, because their positions no longer tell whose they are.
    """
    first, last = int(readings["position"].min()), int(readings["position"].max())  # type: ignore[arg-type]
    overlaps = any(first <= end and begin <= last for begin, end in taken)
    hashes = canonical.leaves(readings, places, algorithm)
    return Entry(
        kind="readings",
        table_name=table,
        rows=readings.height,
        root_hash=merkle.root(hashes, algorithm).hex(),
        leaves=b"".join(hashes),
        month=month,
        batch_id=batch,
        first_position=first,
        last_position=last,
        members=b"".join(canonical.members(readings, places, algorithm)) if overlaps else None,
    )


def _of_rows(table: str, files: Sequence[str], known: Iterable[Entry], algorithm: str) -> Iterator[Entry]:
    hashes = Counter(merkle.leaf(canonical.row(row), algorithm) for row in tables.rows(files))
    for entry in known:
        hashes.subtract(chain.split(entry.leaves, algorithm))
    new = sorted(hashes.elements())
    if new:
        yield Entry("rows", table, len(new), merkle.root(new, algorithm).hex(), b"".join(new))
