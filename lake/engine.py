"""DuckDB connections as the house wants them: UTC, a stated share of the machine, no extension from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb


@dataclass(frozen=True)
class Engine:
    """How much of the machine DuckDB may take."""

    memory_limit: str = "3GB"
    threads: int = 2


@contextmanager
def connected(
    database: Path | None = None, *, engine: Engine | None = None, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database, or one in memory, for the length of the block."""
    engine = engine or Engine()
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": engine.memory_limit,
        "threads": engine.threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(str(database) if database else ":memory:", read_only=read_only, config=config) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        yield con


def rows(connection: duckdb.DuckDBPyConnection, sql: str, **params: object) -> list[dict[str, Any]]:
    """Return the rows of a query that answers with few, each as a dictionary; `params` are its named values."""
    found: list[dict[str, Any]] = connection.sql(sql, params=params or None).to_arrow_table().to_pylist()
    return found
