"""The exchange's register: its own file, all or nothing, frozen where it has to be."""

import sqlite3
import stat
import threading

import pytest

from exchange import register
from lake.errors import RegisterError

ROW = ("r1", "steel", "rebar", "2025", 1, "{}", "h", 7, "c", register.now(), "p01", "command", "")
INSERT = "insert into releases values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path):
    with register.opened(tmp_path / "marts").writing() as connection:
        connection.execute(INSERT, ROW)
    again = register.opened(tmp_path / "marts")
    with again.reading() as connection:
        assert connection.execute("select product_id from releases").fetchone()["product_id"] == "rebar"
        assert connection.execute("pragma journal_mode").fetchone()[0] == "wal"
    assert stat.S_IMODE(again.path.stat().st_mode) == 0o600


def test_a_block_that_raises_leaves_nothing(tmp_path):
    found = register.opened(tmp_path)
    with pytest.raises(ZeroDivisionError), found.writing() as connection:
        connection.execute(INSERT, ROW)
        raise ZeroDivisionError
    with found.reading() as connection:
        assert connection.execute("select count(*) from releases").fetchone()[0] == 0


@pytest.mark.parametrize(
    "statement", ["update releases set record = '[]'", "delete from releases", "delete from release_steps"]
)
def test_what_was_released_stays(tmp_path, statement):
    found = register.opened(tmp_path)
    with found.writing() as connection:
        connection.execute(INSERT, ROW)
        connection.execute("insert into release_steps values ('r1', 'withdrawn', ?, 'p01', 'wrong', null)", (ROW[9],))
    with pytest.raises(sqlite3.IntegrityError, match=r"frozen|kept"), found.writing() as connection:
        connection.execute(statement)


def test_writers_wait_for_each_other(tmp_path):
    found = register.opened(tmp_path)

    def write(number: int) -> None:
        with found.writing() as connection:
            count = connection.execute("select count(*) from releases").fetchone()[0]
            connection.execute(INSERT, (f"r{number}", *ROW[1:4], count + 1, *ROW[5:]))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with found.reading() as connection:
        versions = [row["version"] for row in connection.execute("select version from releases order by version")]
    assert versions == list(range(1, 13))


def test_a_file_that_is_no_register_says_what_to_do(tmp_path):
    (tmp_path / register.FILE).write_text("a letter" * 200)
    with pytest.raises(RegisterError, match=r"cannot be opened .* move it away or restore it"):
        register.opened(tmp_path)
