"""Published marts opened for somebody else's query, also twice at the same time in one process."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from lake import published


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute("create table answer as select 42 as number")
    return tmp_path / "marts.duckdb"


def test_who_opens_it_beside_another_gets_the_same_locked_door(file: Path) -> None:
    with published.opened(file) as one, published.opened(file) as other:
        for connection in (one, other):
            assert connection.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]
            assert connection.execute("select number from answer").fetchall() == [(42,)]
            with pytest.raises(duckdb.InvalidInputException, match="locked"):
                connection.execute("set enable_external_access = true")
            with pytest.raises(duckdb.PermissionException):
                connection.execute("select * from read_csv('/etc/hostname')")


def test_many_open_it_at_once(file: Path) -> None:
    def answer(_: int) -> int:
        with published.opened(file) as connection:
            return int(connection.execute("select number from answer").fetchall()[0][0])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(answer, range(64))) == [42] * 64
