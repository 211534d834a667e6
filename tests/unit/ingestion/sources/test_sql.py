"""SQL: read onwards from the cursor, back by the overlap, each row once."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingestion.pull import Pulled, pull
from lake.store import Lake
from tests.unit.ingestion.made import points_table, site

QUERY = "select id, tag, ts, value from history where id > :cursor order by id"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    with closing(sqlite3.connect(tmp_path / "ems.db")) as database:
        database.execute("create table history (id integer, tag text, ts text, value)")
    return Lake(str(tmp_path / "lake"))


def _insert(folder: Path, *rows: tuple[Any, ...]) -> None:
    with closing(sqlite3.connect(folder / "ems.db")) as database, database:
        database.executemany("insert into history values (?, ?, ?, ?)", rows)


def _pull(lake: Lake, folder: Path, points: dict[str, str | None] | None = None, **settings: Any) -> Pulled:
    given = {"kind": "sql", "url": "sqlite:///ems.db", "query": QUERY, "cursor": "id", "time": "ts", **settings}
    return pull(
        lake, site(folder, {"meter": {"timezone": "Asia/Shanghai", **given}}, points_table(points or {"p": "T1"}))
    )


def _count(lake: Lake) -> int:
    return lake.delta("raw", "meter__reading").to_pyarrow_table().num_rows


def test_rows_land_once_and_the_next_run_reads_onwards(lake: Lake, tmp_path: Path) -> None:
    _insert(tmp_path, (1, "T1", "2026-01-01 08:00:00", 1.5), (2, "T1", "2026-01-01 08:15:00", 2))
    assert [landed.rows_landed for landed in _pull(lake, tmp_path)] == [2]
    assert list(_pull(lake, tmp_path)) == []
    _insert(tmp_path, (3, "T1", "2026-01-01 08:30:00", "3"))
    assert [(one.rows_read, one.rows_landed) for one in _pull(lake, tmp_path)] == [(1, 1)]
    assert _count(lake) == 3


def test_the_overlap_finds_rows_that_became_visible_late(lake: Lake, tmp_path: Path) -> None:
    _insert(tmp_path, (10, "T1", "2026-01-01 08:00:00", 1))
    _pull(lake, tmp_path, overlap="5")
    _insert(tmp_path, (8, "T1", "2026-01-01 07:45:00", 0.5))
    late = _pull(lake, tmp_path, overlap="5")
    assert [(one.rows_read, one.rows_landed, one.rows_repeated) for one in late] == [(2, 1, 1)]
    assert list(_pull(lake, tmp_path, overlap="5")) == []


def test_a_time_may_be_the_cursor(lake: Lake, tmp_path: Path) -> None:
    settings = {"query": QUERY.replace("id > :cursor order by id", "ts > :cursor order by ts"), "cursor": "ts"}
    _insert(tmp_path, (1, "T1", "2026-01-01 08:00:00", 1))
    _pull(lake, tmp_path, overlap="1h", **settings)
    _insert(tmp_path, (2, "T1", "2026-01-01 07:30:00", 2), (3, "T1", "2026-01-01 06:30:00", 3))
    assert [one.rows_landed for one in _pull(lake, tmp_path, overlap="1h", **settings)] == [1]


def test_bad_rows_are_quarantined_once(lake: Lake, tmp_path: Path) -> None:
    _insert(
        tmp_path,
        (1, "T1", "2026-01-01 08:00:00", "n/a"),
        (2, "T9", "2026-01-01 08:00:00", 1),
        (3, None, None, None),
        (4, "T1", "2026-01-01 08:00:00", 1),
    )
    pulled = _pull(lake, tmp_path, overlap="10")
    assert [dict(landed.reasons) for landed in pulled] == [{"bad_value": 1, "unknown_point": 2}]
    assert list(_pull(lake, tmp_path, overlap="10")) == []
    assert _count(lake) == 1


def test_a_new_point_makes_the_query_start_again(lake: Lake, tmp_path: Path) -> None:
    _insert(tmp_path, (1, "T2", "2026-01-01 08:00:00", 5), (2, "T1", "2026-01-01 08:00:00", 1))
    _pull(lake, tmp_path)
    again = _pull(lake, tmp_path, {"p": "T1", "q": "T2"})
    assert [(one.rows_landed, one.rows_repeated) for one in again] == [(1, 1)]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"url": "sqlite:///gone.db"}, "no database file"),
        ({"url": "nonsense"}, "no database this house can open"),
        ({"query": "select * from nowhere"}, "does not answer"),
        ({"cursor": "number"}, "no cursor column 'number'"),
        ({"tag": "label"}, "no column 'label'"),
        ({"query": "select id, tag, ts, value from history where id > :cursor order by id desc"}, "order by id"),
    ],
)
def test_trouble_is_one_sentence(lake: Lake, tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    _insert(tmp_path, (1, "T1", "2026-01-01 08:00:00", 1), (2, "T1", "2026-01-01 08:15:00", 1))
    pulled = _pull(lake, tmp_path, **settings)
    assert sentence in pulled.away["meter"]
    assert "\n" not in pulled.away["meter"]
    assert not (tmp_path / "gone.db").exists()


def test_infinity_is_refused_and_its_record_is_json(lake: Lake, tmp_path: Path) -> None:
    _insert(tmp_path, (1, "T1", "2026-01-01 08:00:00", float("inf")), (2, "T1", "2026-01-01 08:15:00", 1))
    pulled = _pull(lake, tmp_path)
    assert [(one.rows_landed, dict(one.reasons)) for one in pulled] == [(1, {"bad_value": 1})]
    for line in lake.payload(pulled[0].batch_id).read_text("utf-8").splitlines():
        json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


@pytest.mark.parametrize("driver", ["postgresql+psycopg", "mysql+pymysql", "mssql+pymssql", "oracle+oracledb"])
def test_every_driver_is_there_and_says_that_nobody_answers(lake: Lake, tmp_path: Path, driver: str) -> None:
    told = _pull(lake, tmp_path, url=f"{driver}://reader:hidden@127.0.0.1:1/history").away["meter"]
    assert "the database does not answer" in told
    assert "hidden" not in told
    assert "\n" not in told
