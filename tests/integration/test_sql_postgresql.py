"""The SQL source on a real PostgreSQL server: types, zones, cursor, a server that is gone."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ingestion.pull import Pulled, pull
from lake.store import Lake
from tests.integration import peers
from tests.unit.ingestion.made import points_table, site

pytestmark = pytest.mark.integration
QUERY = "select id, tag, ts, value, quality as status from history where id > :cursor order by id"


def _as_server(command: list[str]) -> list[str]:
    """Return the command for the server's own user: PostgreSQL does not run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    programs = folders[-1] if folders else Path(peers.program("initdb")).parent
    data, found = tmp_path_factory.mktemp("postgresql"), peers.free_port()
    for folder in (data, *data.parents):
        if not folder.stat().st_mode & 0o001:  # the server's user has to pass, however deep the folder lies
            folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(data, "postgres")
    store = data / "store"
    subprocess.run(
        _as_server([str(programs / "initdb"), "-D", str(store), "-A", "trust"]), check=True, capture_output=True
    )
    options = f"-p {found} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [str(programs / "pg_ctl"), "-D", str(store), "-w"]
    subprocess.run(
        _as_server([*control, "-l", str(data / "log"), "-o", options, "start"]), check=True, stdout=subprocess.DEVNULL
    )
    yield found
    subprocess.run(_as_server([*control, "-m", "immediate", "stop"]), check=True, stdout=subprocess.DEVNULL)


def _user() -> str:
    return "postgres" if os.geteuid() == 0 else os.environ["USER"]


def _pull(lake: Lake, port: int, **settings: str) -> Pulled:
    url = f"postgresql+psycopg://{_user()}:hidden@127.0.0.1:{port}/postgres"
    given = {"kind": "sql", "url": url, "query": QUERY, "cursor": "id", "time": "ts", "overlap": "10", **settings}
    return pull(lake, site(lake.root, {"meter": given}, points_table({"p": "T1", "q": "T2"})))


def test_a_historian_table_lands_once(port: int, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    with psycopg.connect(f"host=127.0.0.1 port={port} user={_user()} dbname=postgres", autocommit=True) as database:
        database.execute(
            "create table history (id bigserial, tag text, ts timestamptz, value numeric(20, 6), quality text)"
        )
        insert = "insert into history (tag, ts, value, quality) values (%s, %s, %s, %s)"
        rows = [
            ("T1", "2026-01-01 08:00:00+08", "12345678901.123456", "good"),
            ("T2", "2026-01-01 00:15:00+00", "-7.5", None),
            ("T9", "2026-01-01 00:15:00+00", "1", "good"),
            ("T1", None, "1", "good"),
            ("T1", "2026-01-01 00:30:00+00", None, "bad"),
        ]
        database.cursor().executemany(insert, rows)
        landed = _pull(lake, port)
        assert [(one.rows_landed, dict(one.reasons)) for one in landed] == [
            (2, {"bad_time": 1, "bad_value": 1, "unknown_point": 1})
        ]
        assert list(_pull(lake, port)) == []
        database.execute(insert, ("T1", "2026-01-01 01:00:00+00", "2", "estimated"))
        assert [(one.rows_read, one.rows_landed, one.rows_repeated) for one in _pull(lake, port)] == [(6, 1, 5)]
    found = lake.delta("raw", "meter__reading").to_pyarrow_table().sort_by("reading_at").to_pylist()
    assert [(f"{row['reading_at']:%H:%M}", str(row["value"]), row["status"]) for row in found] == [
        ("00:00", "12345678901.123456", "good"),
        ("00:15", "-7.500000", "good"),
        ("01:00", "2.000000", "estimated"),
    ]


def test_trouble_is_one_sentence_without_the_password(port: int, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    gone = _pull(lake, port, url=f"postgresql+psycopg://x:hidden@127.0.0.1:{peers.free_port()}/postgres").away["meter"]
    wrong = _pull(lake, port, query="select nothing from nowhere where id > :cursor").away["meter"]
    assert "does not answer" in gone
    assert "the query fails" in wrong
    assert "hidden" not in gone + wrong
    assert "\n" not in gone + wrong
