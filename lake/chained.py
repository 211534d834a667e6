"""Logs in SQLite files that are only added to: each line carries the hash of the one before, so that a change shows."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: What the first line of a log follows.
NOTHING = "0" * 64


@dataclass(frozen=True)
class Line:
    """One line as it was hashed: `said` is its JSON, `hash` that of the hash before it, a line break and `said`."""

    number: int
    at: str
    said: str
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class ChainedLog:
    """A table with `number`, the columns that are kept (`at` among them) and `hash`; triggers keep it as it is."""

    table: str
    kept: tuple[str, ...]

    def add(self, connection: sqlite3.Connection, line: Mapping[str, object]) -> None:
        """Add a line with all that is kept, in the transaction of what it tells of."""
        last = connection.execute(f"select hash from {self.table} order by number desc limit 1").fetchone()
        told = {name: line[name] for name in self.kept}
        digest = follows(last["hash"] if last else NOTHING, said(told))
        marks = ", ".join("?" * len(self.kept))
        connection.execute(
            f"insert into {self.table} ({', '.join(self.kept)}, hash) values ({marks}, ?)", (*told.values(), digest)
        )

    def broken_at(self, connection: sqlite3.Connection) -> int | None:
        """Return the number of the first line that does not follow from those before it; None where all do."""
        for place, line in enumerate(self.lines(connection), start=1):
            if line.number != place or line.hash != follows(line.previous_hash, line.said):
                return place
        return None

    def lines(self, connection: sqlite3.Connection, after: int = 0, before: str = NOTHING) -> Iterator[Line]:
        """Give the lines behind a number, whose hash is `before`, in their order."""
        for row in connection.execute(f"select * from {self.table} where number > ? order by number", (after,)):
            line = Line(row["number"], row["at"], said({name: row[name] for name in self.kept}), before, row["hash"])
            yield line
            before = line.hash

    def hash_of(self, connection: sqlite3.Connection, number: int) -> str | None:
        """Return the hash of a line; None where there is none of this number."""
        row = connection.execute(f"select hash from {self.table} where number = ?", (number,)).fetchone()
        return str(row["hash"]) if row else None


def said(line: Mapping[str, object]) -> str:
    """Return a line as the text that is hashed."""
    return json.dumps(dict(line), sort_keys=True)


def follows(before: str, text: str) -> str:
    """Return the hash of a line behind the hash of the one before it."""
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
