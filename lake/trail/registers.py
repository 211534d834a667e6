"""The logs that doors keep, as the trail takes them in: each has a name, a file, and says what its lines mean."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lake.chained import ChainedLog, Line
from lake.trail.act import Act

#: So many lines of one register are taken at once; the next run takes more.
MOST_LINES = 200_000


class Register(Protocol):
    """A log that is taken in."""

    @property
    def name(self) -> str:
        """Its name in the trail."""
        ...

    @property
    def path(self) -> Path:
        """Its file, which need not be there."""
        ...

    @property
    def log(self) -> ChainedLog | None:
        """How its lines are chained; None where its owner does not chain them and the trail does."""
        ...

    def after(self, connection: sqlite3.Connection, number: int, before: str) -> Iterator[Line]:
        """Give the lines behind a number, whose hash is `before`."""
        ...

    def shaped(self, said: str) -> Act:
        """Return what a line means."""
        ...


@dataclass(frozen=True)
class Chained:
    """A log of our own, chained where it is written."""

    name: str
    path: Path
    log: ChainedLog
    meaning: Callable[[dict[str, Any]], Act]

    def after(self, connection: sqlite3.Connection, number: int, before: str) -> Iterator[Line]:
        """Give the lines behind a number."""
        return self.log.lines(connection, number, before)

    def shaped(self, said: str) -> Act:
        """Return what a line means."""
        return self.meaning(json.loads(said))


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a log to read; raises sqlite3.Error where that cannot be."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection
