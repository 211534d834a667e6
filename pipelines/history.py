"""What the orchestrator remembers of a run, written through files that stay open while it runs."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

_BUSY_S = 60


class History(SqliteEventLogStorage):
    """The orchestrator's own event log, in its own files; each is opened once instead of once for each event.

    A run has some three hundred events: opening and closing a file for each was a quarter of what a small run costs.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "History":  # noqa: ANN401
        """Return the log of a folder, as the orchestrator asks for it."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._engines:
                self._engines[shard] = self._opened(shard)
            with self._engines[shard].begin() as connection:
                yield connection

    def _opened(self, shard: str) -> Engine:
        engine = create_engine(self.conn_string_for_shard(shard), connect_args={"timeout": _BUSY_S})
        event.listen(engine, "connect", _sync_rarely)
        self._initdb(engine)
        return engine

    def dispose(self) -> None:
        """Close the files."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def _sync_rarely(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    """A lost last event is no loss: it is a log, and what it tells of is in the lake."""
    connection.execute("pragma synchronous = normal")
