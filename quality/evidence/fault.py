"""What is not as it was sealed, as a thing and as a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from quality.evidence.chain import Entry

#: Reads a batch's readings of one table out of its payload again: the columns of a raw reading, or None.
Reread = Callable[[str, str], pl.DataFrame | None]


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was sealed. `block` counts from 1; `said` is the sentence for people."""

    kind: str
    said: str
    table_name: str | None = None
    month: date | None = None
    batch_id: str | None = None
    block: int | None = None
    chain_position: int | None = None
    row: str | None = None


def at(entry: Entry, kind: str, said: str, block: int | None = None, row: str | None = None) -> Fault:
    """Return a fault of what an entry speaks of."""
    return Fault(kind, said, entry.table_name, entry.month, entry.batch_id, block, entry.chain_position, row)
