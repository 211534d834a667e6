"""Rows and blocks of readings as the bytes that were hashed (docs/evidence.md)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from struct import pack as packed
from typing import Any

import duckdb


def row(values: Mapping[str, Any]) -> bytes:
    """Return a row as JSON: names in order, nothing where there is no value."""
    said = {name: _said(value) for name, value in values.items() if value is not None}
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _said(value: object) -> object:
    match value:
        case datetime():
            return f"{value.astimezone(UTC) if value.tzinfo else value:%Y-%m-%dT%H:%M:%S.%f}"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
    return value


def runs(words: Iterable[tuple[str | None, int]]) -> bytes:
    """Return runs of equal words: how often, how long, the word; neighbours that are equal are one run."""
    joined: list[tuple[str | None, int]] = []
    for word, count in words:
        if joined and joined[-1][0] == word:
            joined[-1] = (word, joined[-1][1] + count)
        else:
            joined.append((word, count))
    return b"".join(packed("<I", count) + _word(word) for word, count in joined)


def _word(word: str | None) -> bytes:
    return b"\xff\xff\xff\xff" if word is None else packed(">I", len(word.encode())) + word.encode()


def blocks(con: duckdb.DuckDBPyConnection, file: str, places: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Give (entry, block, rows, bytes) for each block of readings in a file; values have so many decimal places."""
    source = "from read_parquet($file, file_row_number = true)"
    mine = con.cursor()
    told = mine.execute(
        f"""select chain_position, block, point_id, count(*)::int, min(unit), max(unit), count(unit)::int, min(status),
        max(status), count(status)::int, (max(file_row_number) - min(file_row_number) + 1)::int
        {source} group by chain_position, block, point_id order by chain_position, block, min(file_row_number)""",
        {"file": file},
    ).fetchall()
    words: dict[tuple[int, int], list[Any]] = {}
    for one in told:
        words.setdefault((one[0], one[1]), []).append(one)
    listed = [
        f"list({what} order by file_row_number)"
        for what in (
            "epoch_us(reading_at)",
            "epoch_us(known_at)",
            "position",
            f"cast(cast(value as decimal(38, {places})) * {10**places} as bigint)",
        )
    ]
    found = mine.execute(
        f"select chain_position, block, count(*)::int, {', '.join(listed)} {source} group by 1, 2", {"file": file}
    )
    while some := found.fetchmany(200):
        for entry, block, rows, *numbers in some:
            title = f"nengtan readings 1, {places} decimal places, {rows} rows\n".encode()
            body = packed(f">{4 * rows}q", *(number for column in numbers for number in column))
            yield entry, block, rows, title + body + _words(con, file, entry, block, words[entry, block])


def _words(con: duckdb.DuckDBPyConnection, file: str, entry: int, block: int, points: Sequence[Any]) -> bytes:
    """Return the words of a block: by points where each has one of each, else row by row."""
    plain = all(
        reach == count and (low == high and said in {0, count}) and (low2 == high2 and said2 in {0, count})
        for _, _, _, count, low, high, said, low2, high2, said2, reach in points
    )
    if plain:
        return b"".join(runs((one[at], one[3]) for one in points) for at in (2, 4, 7))
    rows = con.execute(
        "select point_id, unit, status from read_parquet($file, file_row_number = true) "
        "where chain_position = $entry and block = $block order by file_row_number",
        {"file": file, "entry": entry, "block": block},
    ).fetchall()
    return b"".join(runs((one[at], 1) for one in rows) for at in range(3))
