"""One machine's state that changes by the row and has to outlive a power cut: an SQLite file, and its instants."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lake import durable
from lake.errors import RegisterError

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class SqliteFile:
    """Opens a connection for each piece of work; readers do not wait for the writer (WAL)."""

    def __init__(self, path: Path) -> None:
        """Make the file where it is missing; only its owner may read it. What derives from this makes its tables."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
            durable.keep([path])
        with self.opened() as connection:
            connection.execute("pragma journal_mode = wal")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read what is committed; the rows are `sqlite3.Row`."""
        with self.opened() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Be the one writer: all of the block is kept, or nothing where it raises."""
        with self.opened() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """Open a connection that commits each statement by itself.

        Raises RegisterError where the file is damaged.
        """
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("pragma foreign_keys = on")
            connection.execute("pragma synchronous = full")
            yield connection
        except sqlite3.DatabaseError as cause:
            if (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in _DAMAGED:
                raise RegisterError(
                    f"{self.path}: is damaged ({cause}); stop what uses it, move it away with its -wal and -shm files, "
                    "and put it back with `nengtan restore BACKUP`"
                ) from cause
            raise
        finally:
            connection.close()


def now() -> str:
    """Return the present instant as it is kept: ISO 8601 in UTC, which sorts as text."""
    return stamp(datetime.now(UTC))


def stamp(at: datetime) -> str:
    """Return an instant as it is kept."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
