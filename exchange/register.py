"""The exchange's own file `exchange.sqlite` beside the published marts: access of customers, messages.

SQLite, because it is one machine's state that changes by the row and has to outlive a power cut; what the figures rest
on is in the lake. Each trade of the exchange has its tables in a file of its own under `schema/`.
"""

import sqlite3
from pathlib import Path

from lake.errors import RegisterError
from lake.sqlitefile import SqliteFile
from lake.sqlitetables import Tables, prepare

FILE = "exchange.sqlite"
#: Made in this order; a table may name the tables of a file before its own.
SCHEMAS = ("events.sql", "access.sql")
_FOLDER = Path(__file__).with_name("schema")


class Register(SqliteFile):
    """The exchange's tables."""

    def __init__(self, path: Path) -> None:
        """Make the file with its tables where it is missing.

        Raises RegisterError where it cannot be opened, LakeError where a newer release made it.
        """
        try:
            super().__init__(path)
            with self.opened() as connection:
                schema = "".join((_FOLDER / name).read_text("utf-8") for name in SCHEMAS)
                prepare(connection, Tables("exchange", schema), path)
        except (OSError, sqlite3.Error) as cause:
            raise RegisterError(
                f"the exchange register {path} cannot be opened ({cause}); move it away or restore it"
            ) from cause


def opened(place: Path) -> Register:
    """Return the register of a lake; `place` is the folder of its published marts, which is local and writable."""
    return Register(place / FILE)
