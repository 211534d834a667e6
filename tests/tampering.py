"""One change at a time to what lies in a lake, as somebody with all rights on its folder would make it."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lake.store import Lake
from quality.evidence import chain, keys

_HANDFUL = 8

Rows = list[dict[str, Any]]
Changing = Callable[["Lake", random.Random, Callable[[Path], None]], "Change"]


@dataclass(frozen=True)
class Change:
    """What was done, and a word that the verdict has to name."""

    what: str
    names: str


@contextmanager
def undone(folder: Path) -> Iterator[Callable[[Path], None]]:
    """Give a function that remembers a file before it is changed; all are put back at the end."""
    kept: dict[Path, bytes] = {}
    yield lambda path: kept.setdefault(path, path.read_bytes()) and None
    for path, content in kept.items():
        path.unlink(missing_ok=True)
        path.write_bytes(content)
    assert folder.is_dir()


def _files(lake: Lake, area: str, ending: str = "") -> list[Path]:
    names = [name for name in lake.tables(area) if name.endswith(ending)]
    found = [Path(file) for name in names for file in lake.files(area, name)]
    return [path for path in found if pq.read_metadata(path).num_rows > 0]


def _rewrite(path: Path, dice: random.Random, change: Callable[[Rows], None]) -> None:
    """Let a change have a handful of a file's rows and put them back beside the others, which stay as they are."""
    table = pq.read_table(path, partitioning=None)
    chosen = dice.sample(range(table.num_rows), min(_HANDFUL, table.num_rows))
    rows = table.take(chosen).to_pylist()
    change(rows)
    others = np.ones(table.num_rows, dtype=bool)
    others[chosen] = False
    pq.write_table(pa.concat_tables([table.filter(pa.array(others)), pa.Table.from_pylist(rows, table.schema)]), path)


def _in_raw(lake: Lake, dice: random.Random, remember: Callable[[Path], None], change: Callable[[Rows], None]) -> Path:
    path = dice.choice(_files(lake, "raw", "__reading"))
    remember(path)
    _rewrite(path, dice, change)
    return path


def _table_of(path: Path) -> str:
    return next(part for part in path.parts if "__" in part)


def value(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Change the last decimal place of one reading."""

    def change(rows: Rows) -> None:
        row = dice.choice(rows)
        row["value"] += Decimal(1).scaleb(row["value"].as_tuple().exponent)

    return Change("value", _table_of(_in_raw(lake, dice, remember, change)))


def timestamp(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Move one reading by a second."""

    def change(rows: Rows) -> None:
        dice.choice(rows)["reading_at"] += timedelta(seconds=1)

    return Change("timestamp", _table_of(_in_raw(lake, dice, remember, change)))


def knowledge(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Let one reading have been known a minute earlier."""

    def change(rows: Rows) -> None:
        dice.choice(rows)["known_at"] -= timedelta(minutes=1)

    return Change("knowledge", _table_of(_in_raw(lake, dice, remember, change)))


def word(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Let one reading be of another quality."""

    def change(rows: Rows) -> None:
        row = dice.choice(rows)
        row["status"] = "bad" if row["status"] == "good" else "good"

    return Change("word", _table_of(_in_raw(lake, dice, remember, change)))


def deleted(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Remove one reading."""

    def change(rows: Rows) -> None:
        rows.pop(dice.randrange(len(rows)))

    return Change("deleted", _table_of(_in_raw(lake, dice, remember, change)))


def inserted(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Add a reading that nobody sent, beside the one after which it is made."""

    def change(rows: Rows) -> None:
        rows.append({**dice.choice(rows), "position": 10**9})

    return Change("inserted", _table_of(_in_raw(lake, dice, remember, change)))


def swapped(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Exchange the values of two readings."""

    def change(rows: Rows) -> None:
        one = dice.choice(rows)
        other = dice.choice([row for row in rows if row["value"] != one["value"]] or [one])
        if other is one:
            one["value"] += 1
        one["value"], other["value"] = other["value"], one["value"]

    return Change("swapped", _table_of(_in_raw(lake, dice, remember, change)))


def _cell(lake: Lake, dice: random.Random, remember: Callable[[Path], None], area: str, column: str) -> Change:
    found = [path for path in _files(lake, area) if column in pq.read_schema(path).names]
    path = dice.choice(found)
    remember(path)

    def change(rows: Rows) -> None:
        row = dice.choice(rows)
        row[column] = f"{row[column]}1" if isinstance(row[column], str) else (row[column] or 0) + 1

    _rewrite(path, dice, change)
    return Change(column, path.parent.name)


def factor(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Change one factor."""
    return _cell(lake, dice, remember, "ref", "factor")


def batch_row(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Change how many rows a batch is said to have had."""
    return _cell(lake, dice, remember, "raw", "rows_read")


def refusal(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Change why a row was refused."""
    return _cell(lake, dice, remember, "quarantine", "reason")


def payload(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Change one bit of a document."""
    path = dice.choice(sorted(path for path in lake.area("payloads").rglob("*") if path.is_file()))
    remember(path)
    content = bytearray(path.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.unlink()
    path.write_bytes(bytes(content))
    return Change("payload", path.stem)


def payload_gone(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Remove a document."""
    path = dice.choice(sorted(path for path in lake.area("payloads").rglob("*") if path.is_file()))
    remember(path)
    path.unlink()
    return Change("payload_gone", path.stem)


def entry(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Change what one entry of the log says of its rows."""
    path = Path(dice.choice(lake.files("evidence", "entries")))
    remember(path)

    def change(rows: Rows) -> None:
        dice.choice(rows)["rows"] += 1

    _rewrite(path, dice, change)
    return Change("entry", "head")


def entry_gone(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Remove an entry of the log."""
    path = Path(dice.choice(lake.files("evidence", "entries")))
    remember(path)

    def change(rows: Rows) -> None:
        rows.pop(dice.randrange(len(rows)))

    _rewrite(path, dice, change)
    return Change("entry_gone", "the log has")


def resigned(lake: Lake, dice: random.Random, remember: Callable[[Path], None]) -> Change:
    """Sign a head anew with another key, as somebody would who has rewritten what it covers."""
    path = Path(dice.choice(lake.files("evidence", "heads")))
    remember(path)
    other = Ed25519PrivateKey.generate()

    def change(rows: Rows) -> None:
        row = dice.choice(rows)
        names = [name for name in row if name != "signature"]
        head = replace(chain.Head(**{name: row[name] for name in names}), public_key=keys.public(other))
        row.update(public_key=head.public_key, signature=keys.signature(other, head.signed()))

    _rewrite(path, dice, change)
    return Change("resigned", "signed with key")


CHANGES = (
    *(value, timestamp, knowledge, word, deleted, inserted, swapped, factor, batch_row, refusal),
    *(payload, payload_gone, entry, entry_gone, resigned),
)
