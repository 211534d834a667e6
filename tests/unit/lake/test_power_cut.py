"""Registers after a power cut: what was not synced is torn by the sector; what was answered is there, whole, once.

SQLite syncs its log before a commit returns, and the file before the log begins anew. So a cut leaves the log as it was
at the last answer with any mixture of old and new sectors beyond, or, within a checkpoint, such a mixture in the file.
"""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.outbox import Outbox
from exchange.register import Register
from ingestion.portal.database import Database
from lake.errors import RegisterError
from lake.sqlitefile import SqliteFile
from lake.trail import own

SECTOR = 512
MAKERS: dict[str, Callable[[Path], object]] = {
    "portal": Database,
    "exchange": Register,
    "audit trail": own.Register,
    "outbox of uplinks and notices": lambda path: Outbox(path).close(),
}


class Watched:
    """A register whose file and log are looked at after each answer; a reader keeps the log from being folded in."""

    def __init__(self, path: Path) -> None:
        self.path, self.file = path, SqliteFile(path)
        with self.file.opened() as connection:
            connection.executescript("create table a (n integer, body text); create table b (n integer, body text)")
        self._reader = sqlite3.connect(path)
        self._reader.execute("select count(*) from a").fetchall()
        self.states = [self._state()]

    def write(self, number: int, size: int, *, folds: bool) -> None:
        with self.file.writing() as connection:
            for table in ("a", "b"):
                connection.execute(f"insert into {table} values (?, ?)", (number, "x" * size))
        self.states.append(self._state())
        if folds:
            with self.file.opened() as connection:
                connection.execute("pragma wal_checkpoint(full)")
            self.states[-1] = (*self.states[-1][:2], self.path.read_bytes())

    def close(self) -> None:
        self._reader.close()

    def _state(self) -> tuple[bytes, bytes, bytes | None]:
        return self.path.read_bytes(), self.path.with_name(self.path.name + "-wal").read_bytes(), None


def _mixed(old: bytes, new: bytes, chance: random.Random, kept: int = 0) -> bytes:
    """Return some sectors of the old and some of the new bytes; what was never written may be nothing."""
    length = max(len(old), chance.randrange(len(old), len(new) + 1) if len(new) > len(old) else 0)
    mixed = bytearray(old.ljust(length, b"\0"))
    for start in range(kept, length, SECTOR):
        if chance.random() < 0.5:
            mixed[start : start + SECTOR] = new[start : start + SECTOR].ljust(min(SECTOR, length - start), b"\0")
    return bytes(mixed[:length])


@pytest.mark.parametrize("kind", MAKERS)
@settings(max_examples=10)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 9000), st.booleans()), min_size=2, max_size=6),
    seed=st.integers(0, 2**32),
    in_checkpoint=st.booleans(),
)
def test_what_was_answered_is_there(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    sizes: list[tuple[int, bool]],
    seed: int,
    in_checkpoint: bool,
) -> None:
    folder, chance = tmp_path_factory.mktemp("cut"), random.Random(seed)
    MAKERS[kind](folder / "live.sqlite")
    live = Watched(folder / "live.sqlite")
    for number, (size, folds) in enumerate(sizes, 1):
        live.write(number, size, folds=folds)
    live.close()
    answered = chance.randrange(len(sizes))
    (file, log, folded), (later, new_log, new_folded) = live.states[answered : answered + 2]
    if in_checkpoint and new_folded is not None:
        answered, file, log = answered + 1, _mixed(later, new_folded, chance), new_log
    else:
        file, log = folded or file, _mixed(log, new_log, chance)
    cut = folder / "cut.sqlite"
    cut.write_bytes(file)
    cut.with_name("cut.sqlite-wal").write_bytes(log)
    again = SqliteFile(cut)
    with again.reading() as connection:
        assert connection.execute("pragma integrity_check").fetchall()[0][0] == "ok"
        found = [[row["n"] for row in connection.execute(f"select n from {table} order by n")] for table in ("a", "b")]
    assert found[0] == found[1]
    assert found[0] in ([*range(1, answered + 1)], [*range(1, answered + 2)])
    with again.writing() as connection:
        connection.execute("insert into a values (0, 'on')")


def test_a_register_is_as_safe_as_it_can_be(tmp_path: Path) -> None:
    register = Register(tmp_path / "exchange.sqlite")
    with register.opened() as connection:
        assert connection.execute("pragma journal_mode").fetchone()[0] == "wal"
        assert connection.execute("pragma synchronous").fetchone()[0] == 2
    with closing(Outbox(tmp_path / "uplink.sqlite")) as outbox:
        assert outbox._con.execute("pragma journal_mode").fetchone()[0] == "wal"
        assert outbox._con.execute("pragma synchronous").fetchone()[0] == 2


@pytest.mark.parametrize("spoilt", [b"no database at all, but long enough to be read as one" * 100, None])
def test_a_damaged_register_is_named(tmp_path: Path, spoilt: bytes | None) -> None:
    path = tmp_path / "portal.sqlite"
    database = Database(path)
    with database.writing() as connection:
        connection.execute("create table filled (body text)")
        connection.executemany("insert into filled values (?)", [("x" * 500,)] * 200)
    content = bytearray(path.read_bytes())
    content[4096:-4096] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content if spoilt is None else spoilt)
    with (
        pytest.raises(RegisterError, match=r"portal\.sqlite: is damaged .* `nengtan restore BACKUP`"),
        Database(path).reading() as connection,
    ):
        connection.execute("select count(*) from filled where body like '%y%'").fetchall()
