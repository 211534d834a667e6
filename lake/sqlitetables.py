"""The tables of an SQLite file, and how those of an earlier release become those of this one.

What is new as a whole (a table, an index, a trigger) stands in the schema, which says `if not exists` and is read at
each opening. What changes a table that files in use have already is a step, added at the end and never edited
afterwards; a file remembers in `schema_version` how many steps it has seen, by part, because two parts may share one
file.
"""

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lake.errors import LakeError

#: Changes tables inside a transaction that is its caller's; finds them as any earlier release left them.
Step = Callable[[sqlite3.Connection], None]
_VERSIONS = "create table if not exists schema_version (part text primary key, version integer not null) strict"
_NAME = re.compile(r"^\s*create table if not exists (\w+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Tables:
    """The tables of one part of a file: as they are made today, and the steps from those of before."""

    part: str
    schema: str
    steps: tuple[Step, ...] = ()

    @property
    def version(self) -> int:
        """The number of steps that this release knows."""
        return len(self.steps)


def prepare(connection: sqlite3.Connection, tables: Tables, path: Path) -> None:
    """Bring the part's tables to what this release knows, all of it or nothing.

    `connection` commits each statement by itself. Raises LakeError where a newer release made the tables.
    """
    if _version(connection, tables) != tables.version:
        enforced = connection.execute("pragma foreign_keys").fetchone()[0]
        connection.execute("pragma foreign_keys = off")  # a table that others name is made anew under its name
        connection.execute("begin immediate")  # another process may be at it: what it did is seen now
        try:
            _step(connection, tables, path)
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
        connection.execute(f"pragma foreign_keys = {enforced}")
    connection.executescript(tables.schema)


def _step(connection: sqlite3.Connection, tables: Tables, path: Path) -> None:
    seen = _version(connection, tables)
    if seen is None:
        seen = 0 if _has_some(connection, tables) else tables.version
    if seen > tables.version:
        raise LakeError(
            f"{path}: a newer Nengtan made its tables ({tables.part} {seen}, this one knows {tables.version}); "
            "install that release again, or restore the backup that was taken before the upgrade"
        )
    for step in tables.steps[seen:]:
        step(connection)
    broken = connection.execute("pragma foreign_key_check").fetchone()
    if broken is not None:
        raise LakeError(f"{path}: a row of {broken[0]} names a row of {broken[2]} that is not there; restore the file")
    connection.execute(_VERSIONS)
    connection.execute("insert or replace into schema_version values (?, ?)", (tables.part, tables.version))


def _version(connection: sqlite3.Connection, tables: Tables) -> int | None:
    if not _exists(connection, "schema_version"):
        return None
    found = connection.execute("select version from schema_version where part = ?", (tables.part,)).fetchone()
    return None if found is None else int(found[0])


def _has_some(connection: sqlite3.Connection, tables: Tables) -> bool:
    return any(_exists(connection, name) for name in _NAME.findall(tables.schema))


def _exists(connection: sqlite3.Connection, table: str) -> bool:
    asked = "select 1 from sqlite_master where type = 'table' and name = ?"
    return connection.execute(asked, (table,)).fetchone() is not None
