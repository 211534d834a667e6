"""The exchange's register: its own file, all or nothing, one writer at a time."""

import stat
import threading

import pytest

from exchange import register
from lake.errors import RegisterError

TABLE = "create table if not exists note (number integer primary key, word text not null) strict"


def noted(found: register.Register) -> list[int]:
    with found.reading() as connection:
        return [row["number"] for row in connection.execute("select number from note order by number")]


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path):
    with register.opened(tmp_path / "marts").writing() as connection:
        connection.execute(TABLE)
        connection.execute("insert into note values (1, 'kept')")
    again = register.opened(tmp_path / "marts")
    assert noted(again) == [1]
    with again.reading() as connection:
        assert connection.execute("pragma journal_mode").fetchone()[0] == "wal"
        tables = {row["name"] for row in connection.execute("select name from sqlite_master where type = 'table'")}
    assert "event_in" in tables
    assert stat.S_IMODE(again.path.stat().st_mode) == 0o600


def test_a_block_that_raises_leaves_nothing(tmp_path):
    found = register.opened(tmp_path)
    with found.writing() as connection:
        connection.execute(TABLE)
    with pytest.raises(ZeroDivisionError), found.writing() as connection:
        connection.execute("insert into note values (1, 'lost')")
        raise ZeroDivisionError
    assert noted(found) == []


def test_writers_wait_for_each_other(tmp_path):
    found = register.opened(tmp_path)
    with found.writing() as connection:
        connection.execute(TABLE)

    def write() -> None:
        with found.writing() as connection:
            count = connection.execute("select count(*) from note").fetchone()[0]
            connection.execute("insert into note values (?, 'next')", (count + 1,))

    threads = [threading.Thread(target=write) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert noted(found) == list(range(1, 13))


def test_a_file_that_is_no_register_says_what_to_do(tmp_path):
    (tmp_path / register.FILE).write_text("a letter" * 200)
    with pytest.raises(RegisterError, match=r"is damaged .* put it back with"):
        register.opened(tmp_path)
