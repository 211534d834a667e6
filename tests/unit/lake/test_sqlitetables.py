"""Files of before become files of today, all or nothing; a file of a newer release is refused and stays as it is."""

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.errors import LakeError
from lake.sqlitefile import SqliteFile
from lake.sqlitetables import Step, Tables, prepare

FIRST = "create table if not exists note (word text not null) strict;"
TODAY = (
    "create table if not exists note (word text not null, tone text not null default '', "
    "size integer not null default 0) strict;"
)


def _with(column: str) -> Step:
    def step(connection: sqlite3.Connection) -> None:
        connection.execute(f"alter table note add column {column}")

    return step


STEPS = (_with("tone text not null default ''"), _with("size integer not null default 0"))


def _prepared(path: Path, tables: Tables) -> None:
    with SqliteFile(path).opened() as connection:
        prepare(connection, tables, path)


def _shape(path: Path) -> list[tuple[object, ...]]:
    with SqliteFile(path).reading() as connection:
        columns = [tuple(row)[1:] for row in connection.execute("pragma table_info(note)")]
        return [*columns, *map(tuple, connection.execute("select * from schema_version"))]


@settings(max_examples=20, deadline=None)
@given(seen=st.lists(st.integers(0, 2), max_size=4).map(sorted), words=st.lists(st.text("abc", min_size=1), max_size=3))
def test_whichever_releases_a_file_saw_it_ends_as_a_fresh_one(
    seen: list[int], words: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("files")
    old, fresh = folder / "old.sqlite", folder / "fresh.sqlite"
    schemas = (FIRST, TODAY.replace(", size integer not null default 0", ""), TODAY)
    for number in seen:
        _prepared(old, Tables("notes", schemas[number], STEPS[:number]))
    if seen:
        with SqliteFile(old).writing() as connection:
            connection.executemany("insert into note (word) values (?)", [(word,) for word in words])
    for path in (old, fresh, old):
        _prepared(path, Tables("notes", TODAY, STEPS))
    assert _shape(old) == _shape(fresh)
    with SqliteFile(old).reading() as connection:
        kept = [row["word"] for row in connection.execute("select word from note order by rowid")]
    assert kept == (words if seen else [])


def test_a_file_of_before_versions_takes_every_step(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with SqliteFile(path).opened() as connection:
        connection.executescript(FIRST)
        connection.execute("insert into note values ('kept')")
    _prepared(path, Tables("notes", TODAY, STEPS))
    with SqliteFile(path).reading() as connection:
        assert tuple(connection.execute("select * from note").fetchone()) == ("kept", "", 0)


def test_a_file_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    _prepared(path, Tables("notes", TODAY, STEPS))
    before = _shape(path)
    with pytest.raises(LakeError, match=r"newer Nengtan made its tables \(notes 2, this one knows 0\); install"):
        _prepared(path, Tables("notes", FIRST))
    assert _shape(path) == before


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    _prepared(path, Tables("notes", FIRST))
    before = _shape(path)

    def stumbles(connection: sqlite3.Connection) -> None:
        connection.execute("alter table note add column lost text")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _prepared(path, Tables("notes", TODAY, (STEPS[0], stumbles)))
    assert _shape(path) == before


def test_two_parts_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "both.sqlite"
    _prepared(path, Tables("letters", "create table if not exists letter (word text) strict;"))
    _prepared(path, Tables("notes", TODAY, STEPS))
    with SqliteFile(path).reading() as connection:
        assert [tuple(row) for row in connection.execute("select * from schema_version order by part")] == [
            ("letters", 0),
            ("notes", 2),
        ]


def test_processes_that_open_at_once_take_each_step_once(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    _prepared(path, Tables("notes", FIRST))
    failed: list[BaseException] = []

    def opens() -> None:
        try:
            _prepared(path, Tables("notes", TODAY, STEPS))
        except BaseException as cause:  # noqa: BLE001 -- told below
            failed.append(cause)

    threads = [threading.Thread(target=opens) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert ("notes", 2) in _shape(path)
