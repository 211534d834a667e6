"""Rows as bytes that depend on what they say and on nothing else: not on files, their order, a library or its version.

Readings are hashed in blocks of at most 1,000 rows in canonical order (point, reading time, knowledge time, position).
A block is, behind its title and its number of rows, one column after the other: whole numbers as eight bytes, most
significant first (times in microseconds since 1970 UTC, values in units of the table's last decimal place, which the
title names), words as runs of equal ones: how often (four bytes, least significant first), how many bytes (four bytes,
most significant first; FFFFFFFF for no word), the word in UTF-8. Other rows are few and are hashed one by one, as JSON.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from quality.evidence import merkle

BLOCK_ROWS = 1000
ORDER = ("point_id", "reading_at", "known_at", "position")
_NUMBERS = ("reading_at", "known_at", "position", "value")
_WORDS = ("point_id", "unit", "status")
_NONE = b"\xff\xff\xff\xff"


def ordered(readings: pl.DataFrame) -> pl.DataFrame:
    """Return readings in canonical order; equal ones by value, so that the order is one."""
    keys = readings.select(*ORDER, pl.col("value").to_physical())
    above, below = keys.slice(0, keys.height - 1), keys.slice(1)
    if keys.height < 2 or bool(_is_ordered(above, below).all()):
        return readings
    return readings.sort([*ORDER, "value", "unit", "status"], nulls_last=False)


def _is_ordered(above: pl.DataFrame, below: pl.DataFrame) -> pl.Series:
    """Whether each row strictly follows the one above."""
    found = pl.Series(np.zeros(above.height, dtype=bool))
    for name in reversed(above.columns):
        one, other = above[name], below[name]
        found = (one < other) | ((one == other) & found)
    return found


def blocks(readings: pl.DataFrame, places: int) -> Iterator[bytes]:
    """Give the bytes of each block of readings that are in canonical order; values have so many decimal places."""
    numbers = {name: _counts(readings[name]).astype(">i8", copy=False) for name in _NUMBERS}
    words = {name: _runs(readings[name]) for name in _WORDS}
    for start in range(0, readings.height, BLOCK_ROWS):
        end = min(start + BLOCK_ROWS, readings.height)
        title = f"nengtan readings 1, {places} decimal places, {end - start} rows\n".encode()
        columns = [numbers[name][start:end].tobytes() for name in _NUMBERS]
        yield b"".join([title, *columns, *(_run_bytes(words[name], start, end) for name in _WORDS)])


def _counts(column: pl.Series) -> np.ndarray:
    return column.to_physical().cast(pl.Int64).to_numpy()


def _runs(column: pl.Series) -> tuple[np.ndarray, list[bytes]]:
    """Return where each run of equal words begins, and the words with their length in front."""
    is_first = (column.ne_missing(column.shift(1))).to_numpy().copy()
    if len(is_first):
        is_first[0] = True
    starts = np.flatnonzero(is_first)
    said = column.gather(starts).cast(pl.String).to_list()
    coded = [_NONE if word is None else len(word.encode()).to_bytes(4, "big") + word.encode() for word in said]
    return starts, coded


def _run_bytes(runs: tuple[np.ndarray, list[bytes]], start: int, end: int) -> bytes:
    starts, words = runs
    first, last = int(np.searchsorted(starts, start, "right")) - 1, int(np.searchsorted(starts, end, "left"))
    begins = [max(int(at), start) for at in starts[first:last]]
    lengths = np.diff([*begins, end])
    return b"".join(
        int(length).to_bytes(4, "little") + word for length, word in zip(lengths, words[first:last], strict=True)
    )


def leaves(readings: pl.DataFrame, places: int, algorithm: str) -> list[bytes]:
    """Return the hashed blocks of readings, which are put in canonical order first."""
    return [merkle.leaf(block, algorithm) for block in blocks(ordered(readings), places)]


def row(values: Mapping[str, Any]) -> bytes:
    """Return any other row as JSON: names in order, nothing where a column has no value, so that a table may widen."""
    said = {name: _said(value) for name, value in values.items() if value is not None}
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _said(value: object) -> object:  # noqa: PLR0911 -- one for each kind of value
    """Return a value as JSON has it; instants in UTC, decimals without noughts at their end."""
    match value:
        case datetime():
            return f"{value.astimezone(UTC) if value.tzinfo else value:%Y-%m-%dT%H:%M:%S.%f}"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case bytes():
            return value.hex()
        case dict():
            return {name: _said(inner) for name, inner in value.items() if inner is not None}
        case list() | tuple():
            return [_said(inner) for inner in value]
    return value


def members(readings: pl.DataFrame, places: int, algorithm: str) -> list[bytes]:
    """Return the hash of each reading as a block of its own, in canonical order."""
    rows = ordered(readings)
    return [merkle.leaf(next(blocks(rows.slice(at, 1), places)), algorithm) for at in range(rows.height)]
