"""The register of what commands, runs and agents did: `audit.sqlite` beside the published marts.

SQLite, because it is one machine's state that grows by the line and has to outlive a power cut; every run takes what is
new in it into the lake.
"""

import sqlite3
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from lake import sqlitefile
from lake.chained import ChainedLog
from lake.errors import LakeError
from lake.sqlitefile import SqliteFile
from lake.sqlitetables import Tables, prepare
from lake.trail.act import Act

FILE = "audit.sqlite"
LOG = ChainedLog("trail", ("at", *(field.name for field in fields(Act))))
_SCHEMA = Path(__file__).with_name("schema.sql")


class Register(SqliteFile):
    """The register's one table."""

    def __init__(self, path: Path) -> None:
        """Make the file with its table where it is missing; raises LakeError where a newer release made it."""
        super().__init__(path)
        with self.opened() as connection:
            prepare(connection, Tables("trail", _SCHEMA.read_text("utf-8")), path)


def note(folder: Path, act: Act) -> None:
    """Add a line to the register of a folder; it is kept when this returns.

    Raises LakeError where it cannot be written: what is not told is not done.
    """
    path = folder / FILE
    try:
        with Register(path).writing() as connection:
            LOG.add(connection, {"at": sqlitefile.now(), **asdict(act)})
    except (OSError, sqlite3.Error) as cause:
        raise LakeError(
            f"the audit trail {path} cannot be written ({cause}); make room or give its right back"
        ) from cause


def shaped(line: dict[str, Any]) -> Act:
    """Return a line of this register as an act."""
    return Act(**{name: value for name, value in line.items() if name != "at"})
