"""The published marts, opened for a query that somebody else wrote: it reads them and nothing else."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lake.errors import LakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LOCKING = threading.Lock()
_FILE = re.compile(r"'(?:[^']|'')+?\.parquet'")


@contextmanager
def opened(file: Path) -> Iterator["DuckDBPyConnection"]:
    """Open the published marts so that only their own files can be read and no setting changed."""
    import duckdb

    if not file.is_file():
        raise LakeError(f"nothing is published at {file}; `nengtan run SITE` publishes, --lake names another lake")
    try:
        connection = duckdb.connect(str(file), read_only=True)
    except duckdb.IOException as cause:
        raise LakeError(
            f"{file} cannot be opened ({str(cause).splitlines()[0]}); `nengtan run SITE` renews it"
        ) from cause
    try:
        with _LOCKING:
            if not _is_locked(connection):
                _lock(connection)
        yield connection
    finally:
        connection.close()


def _is_locked(connection: "DuckDBPyConnection") -> bool:
    """Whether another connection of this process has the file open in the same way: they share their settings."""
    return bool(connection.execute("select current_setting('lock_configuration')").fetchall()[0][0])


def _lock(connection: "DuckDBPyConnection") -> None:
    views = connection.execute("select sql from duckdb_views() where not internal").fetchall()
    files = ", ".join(sorted({literal for (text,) in views for literal in _FILE.findall(text)}))
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute(f"set allowed_paths = [{files}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
