"""The tables of the lake that are evidence, and their rows by months and by files."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from lake import rawfiles
from lake.store import Lake

AREAS = ("raw", "quarantine", "ref")
_READINGS = "__reading"
_COLUMNS = ["point_id", "reading_at", "value", "unit", "status", "known_at", "batch_id", "position"]


def versions(lake: Lake) -> dict[str, int]:
    """Return the latest Delta version of every table that is evidence, by area/name."""
    return {f"{area}/{name}": version for area in AREAS for name, version in lake.versions(area).items()}


def holds_readings(table: str) -> bool:
    """Whether a table has readings, which are hashed in blocks."""
    return table.startswith("raw/") and table.endswith(_READINGS)


def new_files(lake: Lake, table: str, version: int | None) -> list[str] | None:
    """Return the files that came after a version; None where the table's log or its folder no longer tells."""
    area, name = table.split("/")
    added = lake.added_since(area, name, -1 if version is None else version)
    if added is None:
        return None
    paths = [lake.path(area, name) / one.path for one in added]
    return [str(path) for path in paths] if all(path.exists() for path in paths) else None


def all_files(lake: Lake, table: str, version: int | None = None) -> list[str]:
    """Return the files of a table as it is, or as it was."""
    area, name = table.split("/")
    return lake.files(area, name, version)


def by_month(files: Sequence[str]) -> Iterator[tuple[date, list[str]]]:
    """Give the files of readings month by month."""
    for month, found in groupby(sorted(files, key=rawfiles.month_of), key=rawfiles.month_of):
        yield month, list(found)


def by_batch(files: Sequence[str]) -> Iterator[tuple[str, pl.DataFrame, int]]:
    """Give the readings of some files batch by batch, with the decimal places of their values."""
    frames = [pl.read_parquet(file, columns=_COLUMNS, hive_partitioning=False) for file in files]
    places = max(frame.schema["value"].scale for frame in frames)  # type: ignore[attr-defined]
    for (batch,), readings in pl.concat(frames).group_by("batch_id", maintain_order=True):
        yield str(batch), readings.drop("batch_id"), places


def rows(files: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Give the rows of files that hold few."""
    for file in files:
        yield from pq.read_table(Path(file), partitioning=None).to_pylist()
