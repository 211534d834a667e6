"""The blocks of the evidence chain that hold a pack's readings, as tables that can be hashed again."""

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa

from lake import periods, rawfiles
from lake.errors import LakeError
from quality.evidence import canonical, chain, compared_readings, merkle, tables
from quality.evidence.chain import Entry
from quality.pack import packed
from quality.pack.asked import Asked

_COLUMNS = ("point_id", "reading_at", "value", "unit", "status", "known_at", "position")


def write(asked: Asked, points: Set[str] | None, folder: Path) -> tuple[list[Entry], int]:
    """Write a file for each raw table; return the entries whose blocks are in them, and how many readings there are.

    Only blocks that hold a reading of the stretch are taken, of these points where some are named. Raises LakeError
    where the raw readings are not what was sealed.
    """
    folder.mkdir(parents=True)
    found: list[Entry] = []
    count = 0
    for table in rawfiles.reading_tables(asked.lake):
        parts = list(_of_table(asked, table, points))
        for scale in sorted({places for _, _, places in parts}):
            frames = [frame for _, frame, places in parts if places == scale]
            _write(
                pl.concat(frames), folder / (f"{table}.parquet" if scale == parts[0][2] else f"{table}.{scale}.parquet")
            )
        found += [entry for entry, _, _ in parts]
        count += sum(frame.height for _, frame, _ in parts)
    return found, count


def _of_table(asked: Asked, table: str, points: Set[str] | None) -> Iterator[tuple[Entry, pl.DataFrame, int]]:
    version = asked.published.raw.get(table)
    if version is None:
        return
    mine: dict[tuple[date | None, str | None], list[Entry]] = {}
    for entry in asked.entries:
        if entry.table_name == f"raw/{table}":
            mine.setdefault((entry.month, entry.batch_id), []).append(entry)
    begin, end = asked.stretch
    months = set(periods.months_between(periods.utc_month(begin), periods.utc_month(end)))
    files = [file for file in _files(asked, table, version) if rawfiles.month_of(file) in months]
    for month, some in tables.by_month(files):
        for batch, readings, places in tables.by_batch(some):
            rest = readings
            for entry in sorted(mine.get((month, batch), []), key=lambda one: one.members is None):
                part, rest = compared_readings.part(entry, rest, places, asked.heads[-1].algorithm)
                taken = _blocks(entry, canonical.ordered(part), places, asked, points)
                if taken.height:
                    yield entry, taken, places


def _files(asked: Asked, table: str, version: int) -> Sequence[str]:
    try:
        return asked.lake.files("raw", table, version)
    except Exception as cause:
        raise LakeError(f"raw/{table}: its version {version} is gone; run the site again, then ask anew") from cause


def _blocks(entry: Entry, rows: pl.DataFrame, places: int, asked: Asked, points: Set[str] | None) -> pl.DataFrame:
    """Return the blocks of an entry that are needed, each row with the entry and its block's number from 1."""
    algorithm = asked.heads[-1].algorithm
    begin, end = (at.astimezone(UTC) for at in asked.stretch)
    numbered = rows.select(
        chain_position=pl.lit(entry.chain_position, pl.Int64),
        block=(pl.int_range(pl.len()) // canonical.BLOCK_ROWS + 1).cast(pl.Int32),
        **{name: pl.col(name) for name in _COLUMNS},
    )
    needed = numbered.filter(pl.col("reading_at").is_between(_at(begin), _at(end)))
    if points is not None:
        needed = needed.filter(pl.col("point_id").cast(pl.String).is_in(sorted(points)))
    if needed.is_empty():
        return numbered.clear()
    if canonical.leaves(rows, places, algorithm) != chain.split(entry.leaves, algorithm):
        where = f"{entry.table_name}, batch {str(entry.batch_id)[:12]}, {entry.month:%Y-%m}"
        raise LakeError(f"{where}: not as it was sealed; `nengtan evidence verify` names what was changed")
    return numbered.filter(pl.col("block").is_in(needed["block"].unique()))


def _at(instant: datetime) -> pl.Expr:
    return pl.lit(instant).dt.convert_time_zone("UTC")


def _write(frame: pl.DataFrame, file: Path) -> None:
    rows: pa.Table = frame.with_columns(pl.col("point_id", "unit", "status").cast(pl.String)).to_arrow()
    with packed.writer(file, rows.schema) as out:
        out.write_table(rows, row_group_size=packed.ROWS)


def proofs(asked: Asked, needed: Sequence[Entry]) -> list[dict[str, object]]:
    """Return each entry with its leaves and its audit path to the last head."""
    from base64 import b64encode

    algorithm = asked.heads[-1].algorithm
    log = [entry.leaf(algorithm) for entry in asked.entries]
    paths = merkle.paths(log, {entry.chain_position for entry in needed}, algorithm)
    return [
        {
            "said": entry.said(algorithm),
            "leaves": b64encode(entry.leaves).decode(),
            "path": [one.hex() for one in paths[entry.chain_position]],
        }
        for entry in sorted(needed, key=lambda one: one.chain_position)
    ]
