"""A log that is only added to shows every line that was changed, taken out or put in, however that was done."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.chained import ChainedLog
from lake.trail import own
from lake.trail.act import READ, Act

LOG = ChainedLog("log", ("at", "what"))
_WORDS = st.lists(st.text(max_size=12), min_size=3, max_size=12)


def _filled(words: list[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.execute("create table log (number integer primary key, at text, what text, hash text)")
    for number, word in enumerate(words):
        LOG.add(connection, {"at": f"2026-01-01T00:00:{number:02d}+00:00", "what": word})
    return connection


@settings(max_examples=60, deadline=None)
@given(words=_WORDS, data=st.data())
def test_whatever_is_done_to_a_line_shows_at_it(words: list[str], data: st.DataObject) -> None:
    connection = _filled(words)
    assert LOG.broken_at(connection) is None
    number = data.draw(st.integers(1, len(words) - 1))
    done = data.draw(st.sampled_from(("change", "cut", "swap")))
    if done == "change":
        connection.execute("update log set what = what || '!' where number = ?", (number,))
    elif done == "cut":
        connection.execute("delete from log where number = ?", (number,))
        connection.execute("update log set number = number - 1 where number > ?", (number,))
    else:
        connection.execute("update log set number = -1 where number = ?", (number,))
        connection.execute("update log set number = ? where number = ?", (number, number + 1))
        connection.execute("update log set number = ? where number = -1", (number + 1,))
    assert LOG.broken_at(connection) == number
    connection.close()


@pytest.fixture
def register(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    for number in range(3):
        own.note(tmp_path, Act("command_line", READ, "sql", "ann", subject=f"query {number}"))
    with own.Register(tmp_path / own.FILE).opened() as connection:
        yield connection


@pytest.mark.parametrize("forgery", ["update trail set actor = 'bo' where number = 2", "delete from trail"])
def test_the_register_of_commands_is_only_added_to(register: sqlite3.Connection, forgery: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        register.execute(forgery)
    assert own.LOG.broken_at(register) is None


def test_what_was_asked_is_kept_to_a_bearable_length(tmp_path: Path) -> None:
    own.note(tmp_path, Act("agents", READ, "query", subject="x" * 100_000))
    with own.Register(tmp_path / own.FILE).opened() as connection:
        (line,) = own.LOG.lines(connection)
    assert len(line.said) < 4000
