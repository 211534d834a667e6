"""The exchange's own file `exchange.sqlite` beside the published marts: access of customers, messages.

SQLite, because it is one machine's state that changes by the row and has to outlive a power cut; what the figures rest
on is in the lake. Each trade of the exchange has its tables in a file of its own under `schema/`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lake.errors import RegisterError

FILE = "exchange.sqlite"
#: Made in this order; a table may name the tables of a file before its own.
SCHEMAS = ("events.sql", "access.sql")
_FOLDER = Path(__file__).with_name("schema")


class Register:
    """Opens a connection for each piece of work; readers do not wait for the writer (WAL)."""

    def __init__(self, path: Path) -> None:
        """Make the file with its tables where it is missing; only its owner may read it.

        Raises RegisterError where it cannot be opened.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            with self._open() as connection:
                connection.execute("pragma journal_mode = wal")
                for name in SCHEMAS:
                    connection.executescript((_FOLDER / name).read_text("utf-8"))
        except (OSError, sqlite3.Error) as cause:
            raise RegisterError(
                f"the exchange register {path} cannot be opened ({cause}); move it away or restore it"
            ) from cause

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read what is committed; the rows are `sqlite3.Row`."""
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


def opened(place: Path) -> Register:
    """Return the register of a lake; `place` is the folder of its published marts, which is local and writable."""
    return Register(place / FILE)


def now() -> str:
    """Return the present instant as it is kept: ISO 8601 in UTC, which sorts as text."""
    return stamp(datetime.now(UTC))


def stamp(at: datetime) -> str:
    """Return an instant as it is kept."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
