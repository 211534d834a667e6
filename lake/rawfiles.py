"""The raw readings of a lake as lists of files, exactly those of named versions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import duckdb

from lake.store import Lake

_MONTH = re.compile(r"/month=(\d{4}-\d{2}-\d{2})/")

#: Table name (`<source>__reading`) to version.
Versions = Mapping[str, int]


def reading_tables(lake: Lake) -> list[str]:
    """Return the names of the raw tables that hold readings."""
    return [name for name in lake.tables("raw") if name.endswith("__reading")]


def reading_versions(lake: Lake) -> dict[str, int]:
    """Return the latest version of each of them."""
    return {name: lake.delta("raw", name).version() for name in reading_tables(lake)}


def by_month(lake: Lake, versions: Versions) -> dict[date, list[str]]:
    """Return the files of all sources by UTC month."""
    found: dict[date, list[str]] = {}
    for name, version in versions.items():
        for path in lake.files("raw", name, version):
            found.setdefault(month_of(path), []).append(path)
    return found


def month_of(path: str) -> date:
    """Return the partition that a raw file lies in."""
    match = _MONTH.search(path)
    assert match, f"{path} is not a file of a raw reading table"
    return date.fromisoformat(match.group(1))


def span(
    con: duckdb.DuckDBPyConnection, files: Mapping[date, Sequence[str]], as_of: datetime | None = None
) -> tuple[datetime, datetime] | None:
    """Return the earliest and the latest reading time, from the outermost months that have any."""
    first = _bound(con, (files[month] for month in sorted(files)), "min", as_of)
    last = _bound(con, (files[month] for month in sorted(files, reverse=True)), "max", as_of)
    return (first, last) if first is not None and last is not None else None


def _bound(
    con: duckdb.DuckDBPyConnection, months: Iterable[Sequence[str]], aggregate: str, as_of: datetime | None
) -> datetime | None:
    for files in months:
        known = "" if as_of is None else " where known_at <= $as_of"
        values: dict[str, object] = {"files": list(files)} if as_of is None else {"files": list(files), "as_of": as_of}
        # all rows are fetched: an open result would bar the next statement
        rows = con.execute(f"select {aggregate}(reading_at) from read_parquet($files){known}", values).fetchall()
        if isinstance(rows[0][0], datetime):
            return rows[0][0]
    return None
