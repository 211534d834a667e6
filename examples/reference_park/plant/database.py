"""The park's EMS database: an SQLite file into which process systems and weighbridges write rows."""

import sqlite3
from contextlib import closing
from pathlib import Path

from examples.reference_park.plant import planted
from examples.reference_park.plant.day import Day

SOURCE = "park_sql"
TABLE = (
    "create table ems_history (id integer primary key, tag text not null, ts text not null, value text, quality text)"
)


class Database:
    """The file, empty at the beginning of the day."""

    def __init__(self, day: Day, path: Path) -> None:
        """Create the table anew."""
        self._day, self.path = day, path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(TABLE)

    def record(self, quarter: int) -> None:
        """Insert a quarter hour's rows in one transaction."""
        rows = [(r.address, r.at.strftime("%Y-%m-%d %H:%M:%S"), f"{r.value:f}") for r in self._day.at(SOURCE, quarter)]
        rows += [(bad.tag, bad.at, bad.value) for bad in planted.of(SOURCE, quarter, self._day.start.date())]
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.executemany("insert into ems_history (tag, ts, value, quality) values (?, ?, ?, 'good')", rows)
