"""Readings that were sealed in blocks against what a table holds now."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl

from quality.evidence import canonical, chain, tables
from quality.evidence.chain import Entry
from quality.evidence.fault import Fault, Reread, at

_Place = tuple[date | None, str | None]
_NAMES = ["position", "point_id", "reading_at", "value"]
_MOST_NAMED = 3


def compare(  # noqa: PLR0913, PLR0917 -- a table, its entries, and how to look at both
    table: str,
    files: Sequence[str],
    late: Sequence[str] | None,
    mine: Sequence[Entry],
    algorithm: str,
    reread: Reread,
) -> tuple[int, list[Fault]]:
    """Return how many rows are not sealed yet, and what does not hold; `late` files came after the head."""
    new = _places(late or ())
    left: dict[_Place, list[Entry]] = {}
    for entry in mine:
        left.setdefault((entry.month, entry.batch_id), []).append(entry)
    waiting, faults = 0, list[Fault]()
    for month, found in tables.by_month(files):
        for batch, readings, places in tables.by_batch(found):
            rest = readings
            for entry in sorted(left.pop((month, batch), []), key=lambda one: one.members is None):
                mine_now, rest = part(entry, rest, places, algorithm)
                faults += _of_entry(entry, mine_now, places, algorithm, reread)
            if rest.height and ((month, batch) in new or late is None):
                waiting += rest.height
            elif rest.height:
                faults.append(_inserted(table, month, batch, rest))
    return waiting, faults + [_gone(entry) for entries in left.values() for entry in entries]


def _places(files: Sequence[str]) -> set[_Place]:
    return {(month, batch) for month, found in tables.by_month(files) for batch, _, _ in tables.by_batch(found)}


def part(entry: Entry, readings: pl.DataFrame, places: int, algorithm: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the readings that an entry speaks of, and the others."""
    if entry.members is None:
        within = pl.col("position").is_between(entry.first_position, entry.last_position)
        return readings.filter(within), readings.filter(~within)
    named, is_mine = Counter(chain.split(entry.members, algorithm)), []
    rows = canonical.ordered(readings)
    for one in canonical.members(rows, places, algorithm):
        is_mine.append(named[one] > 0)
        named[one] -= 1
    mask = pl.Series(is_mine, dtype=pl.Boolean)
    return rows.filter(mask), rows.filter(~mask)


def _of_entry(entry: Entry, readings: pl.DataFrame, places: int, algorithm: str, reread: Reread) -> Iterator[Fault]:
    rows = canonical.ordered(readings)
    hashes, sealed = canonical.leaves(rows, places, algorithm), chain.split(entry.leaves, algorithm)
    if hashes == sealed and rows.height == entry.rows:
        return
    pairs = enumerate(zip(hashes, sealed, strict=False))
    block = next((number for number, (one, other) in pairs if one != other), min(len(hashes), len(sealed)))
    near = rows.slice(max(0, (block - 1) * canonical.BLOCK_ROWS), 2 * canonical.BLOCK_ROWS)
    batch = entry.batch_id or ""
    where = f"{entry.table_name}, batch {batch[:12]}, {entry.month:%Y-%m}, block {block + 1} of {len(sealed)}"
    count = "" if rows.height == entry.rows else f" ({rows.height} readings where {entry.rows} were sealed)"
    told = _differences(rows, reread(entry.table_name, batch), entry)
    between = f"between {_words(near[0])} and {_words(near[-1])}" if near.height else "nothing is left of it"
    yield at(entry, "rows", f"{where}: not as it was sealed{count}; {told or between}", block + 1, told)


def _differences(rows: pl.DataFrame, original: pl.DataFrame | None, entry: Entry) -> str | None:
    """Name the rows that differ from the payload, where it could be read again."""
    if original is None:
        return None
    within = pl.col("position").is_between(entry.first_position, entry.last_position)
    of_month = pl.col("reading_at").dt.strftime("%Y-%m") == f"{entry.month:%Y-%m}"
    kept = original.filter(within & of_month).select(_NAMES).with_columns(pl.col("point_id").cast(pl.String))
    mine = rows.select(_NAMES).with_columns(
        pl.col("value").cast(kept.schema["value"]), pl.col("point_id").cast(pl.String)
    )
    changed, lost = mine.join(kept, on=_NAMES, how="anti"), kept.join(mine, on=_NAMES, how="anti")
    said = [f"the lake says {_words(row)}" for row in changed.head(_MOST_NAMED).iter_slices(1)]
    said += [f"the payload says {_words(row)}" for row in lost.head(_MOST_NAMED).iter_slices(1)]
    return "; ".join(said) or None


def _inserted(table: str, month: date, batch: str, rows: pl.DataFrame) -> Fault:
    first = _words(rows[0])
    said = f"{table}: {rows.height} readings of batch {batch[:12]} in {month:%Y-%m} were inserted, the first is {first}"
    return Fault("rows", said, table, month, batch, row=first)


def _gone(entry: Entry) -> Fault:
    of = f"batch {(entry.batch_id or '')[:12]} in {entry.month:%Y-%m}"
    return at(entry, "rows", f"{entry.table_name}: all {entry.rows} readings of {of} are gone")


def _words(row: pl.DataFrame) -> str:
    values: dict[str, Any] = row.row(0, named=True)
    when = f"{values['reading_at']:%Y-%m-%d %H:%M:%S}"
    return f"{values['point_id']} at {when} = {values['value']} (position {values['position']})"
