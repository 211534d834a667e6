"""The portal's own file: accounts, sessions, sheets on their way, the audit log.

SQLite, because it is one machine's state that changes by the row and has to outlive a power cut; what was approved is
in the lake.
"""

import sqlite3
from pathlib import Path

from lake.sqlitefile import SqliteFile

_SCHEMA = Path(__file__).with_name("schema.sql")


class Database(SqliteFile):
    """The portal's tables."""

    def __init__(self, path: Path) -> None:
        """Make the file with its tables where it is missing."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().__init__(path)
        with self.opened() as connection:
            _let_sheets_be_about_something(connection)
            connection.executescript(_SCHEMA.read_text("utf-8"))


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
