"""Rows that were sealed one by one against what a table holds now."""

from collections import Counter
from collections.abc import Sequence

from quality.evidence import canonical, chain, merkle, tables
from quality.evidence.chain import Entry
from quality.evidence.fault import Fault, at


def compare(
    table: str, files: Sequence[str], late: Sequence[str] | None, mine: Sequence[Entry], algorithm: str
) -> tuple[int, list[Fault]]:
    """Return how many rows are not sealed yet, and what does not hold; `late` files came after the head."""
    sealed = Counter(one for entry in mine for one in chain.split(entry.leaves, algorithm))
    pending = Counter(merkle.leaf(canonical.row(row), algorithm) for row in tables.rows(late or ()))
    faults: list[Fault] = []
    waiting = 0
    for row in tables.rows(files):
        said = canonical.row(row)
        one = merkle.leaf(said, algorithm)
        if sealed[one]:
            sealed[one] -= 1
        elif pending[one] or late is None:
            pending[one] -= 1
            waiting += 1
        else:
            told = said.decode()
            faults.append(Fault("rows", f"{table}: a row was changed or inserted: {told}", table, row=told))
    return waiting, faults + _lost(table, +sealed, mine, algorithm)


def _lost(table: str, missing: Counter[bytes], mine: Sequence[Entry], algorithm: str) -> list[Fault]:
    faults: list[Fault] = []
    for entry in mine:
        lost = Counter(chain.split(entry.leaves, algorithm)) & missing
        if lost:
            missing -= lost
            count = f"{lost.total()} of {entry.rows} rows of entry {entry.chain_position}"
            faults.append(at(entry, "rows", f"{table}: {count} were changed or removed"))
    return faults
