"""The portal's own file: accounts, sessions, sheets on their way, the audit log.

SQLite, because it is one machine's state that changes by the row and has to outlive a power cut; what was approved is
in the lake.
"""

import sqlite3
from pathlib import Path
from typing import ClassVar

from lake.sqlitefile import SqliteFile
from lake.sqlitetables import Step, Tables, prepare

_SCHEMA = Path(__file__).with_name("schema.sql")


def _let_sheets_be_about_something(connection: sqlite3.Connection) -> None:
    """Make the table of sheets anew where it was made before a month could have several of a kind."""
    columns = [row["name"] for row in connection.execute("pragma table_info(sheets)")]
    if not columns or "about" in columns:
        return
    connection.execute(
        "create table renewed (entry_id text primary key, kind text not null, organization_id text not null, "
        "month text not null, about text not null default '', unique (kind, organization_id, month, about))"
    )
    connection.execute("insert into renewed select entry_id, kind, organization_id, month, '' from sheets")
    connection.execute("drop table sheets")
    connection.execute("alter table renewed rename to sheets")


def _let_codes_fail(connection: sqlite3.Connection) -> None:
    """Give accounts that were made before there was a second factor their count of wrong codes."""
    columns = [row["name"] for row in connection.execute("pragma table_info(accounts)")]
    if columns and "code_failures" not in columns:
        connection.execute("alter table accounts add column code_failures integer not null default 0")


class Database(SqliteFile):
    """The portal's tables."""

    #: In the order in which releases brought them.
    steps: ClassVar[tuple[Step, ...]] = (_let_sheets_be_about_something, _let_codes_fail)

    def __init__(self, path: Path) -> None:
        """Make the file with its tables where it is missing.

        Raises LakeError where a newer release made it.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().__init__(path)
        with self.opened() as connection:
            prepare(connection, Tables("portal", _SCHEMA.read_text("utf-8"), self.steps), path)
