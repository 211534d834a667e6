"""The portal's own file: accounts, sessions, sheets on their way, the audit log.

SQLite, because it is one machine's state that changes by the row and has to outlive a power cut; what was approved is
in the lake.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

_SCHEMA = Path(__file__).with_name("schema.sql")


class Database:
    """Opens a connection for each piece of work; readers do not wait for the writer (WAL)."""

    def __init__(self, path: Path) -> None:
        """Make the file with its tables where it is missing; only its owner may read it."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with self._open() as connection:
            _let_sheets_be_about_something(connection)
            connection.executescript(_SCHEMA.read_text("utf-8"))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read what is committed."""
        with self._open() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Be the one writer: all of the block is kept, or nothing where it raises."""
        with self._open() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("pragma foreign_keys = on")
            connection.execute("pragma synchronous = full")
            yield connection
        finally:
            connection.close()


def _let_sheets_be_about_something(connection: sqlite3.Connection) -> None:
    """Make the table of sheets anew where it was made before a month could have several of a kind."""
    columns = [row["name"] for row in connection.execute("pragma table_info(sheets)")]
    if not columns or "about" in columns:
        return
    connection.execute("pragma foreign_keys = off")
    connection.executescript(
        "begin immediate; create table renewed (entry_id text primary key, kind text not null, "
        "organization_id text not null, month text not null, about text not null default '', "
        "unique (kind, organization_id, month, about)); "
        "insert into renewed select entry_id, kind, organization_id, month, '' from sheets; "
        "drop table sheets; alter table renewed rename to sheets; commit;"
    )
    connection.execute("pragma foreign_keys = on")


def now() -> str:
    """Return the present instant as it is kept: ISO 8601 in UTC, which sorts as text."""
    return stamp(datetime.now(UTC))


def stamp(at: datetime) -> str:
    """Return an instant as it is kept."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
