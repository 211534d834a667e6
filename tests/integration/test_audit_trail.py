"""What people do at the real commands and in the real tools is told, sealed below a signed head, and proven."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from assets import trail
from assets.work import Work
from lake import tablerows
from lake.engine import Engine
from lake.store import Lake
from lake.trail import own, table
from pipelines import trails
from pipelines.cli.main import status_of
from pipelines.settings import Settings, read_settings

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Settings]:
    """A site with a lake in which something is published that can be asked."""
    assert status_of(["init", str(tmp_path / "site")]) == 0
    found = read_settings(tmp_path / "site", str(tmp_path / "lake"), {})
    Lake(found.lake).claim("my_plant")
    with duckdb.connect(str(found.marts_file)) as door:
        door.execute("create schema energy; create table energy.small as select 1 as kwh")
    capsys.readouterr()
    yield found


def seal(settings: Settings) -> int:
    """Take and seal as a run does."""
    work = Work(settings.lake, settings.site, {}, settings.dbt_project, Engine(), trail=settings.marts)
    try:
        return trail.take(work, trails.registers(settings))["lines"]
    finally:
        work.end()


def told(settings: Settings, *arguments: str) -> int:
    return status_of([*arguments, str(settings.site), "--lake", settings.lake])


def test_what_people_did_is_sealed_and_a_changed_log_is_found(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["sql", "select kwh from energy.small", "--lake", settings.lake]) == 0
    assert status_of(["trace", "energy.small", "kwh=1", "--lake", settings.lake]) == 1  # it fails, and was tried
    assert told(settings, "health") in (0, 1)  # reads no declared figure
    assert seal(settings) == 2
    assert seal(settings) == 0
    lines = tablerows.read(Lake(settings.lake).path("raw", table.TABLE)).to_pylist()
    assert sorted((line["door"], line["effect"], line["act"]) for line in lines) == [
        ("command_line", "read", "sql"),
        ("command_line", "read", "trace"),
    ]
    assert any("select kwh from energy.small" in line["subject"] for line in lines)
    capsys.readouterr()
    assert told(settings, "evidence", "verify", "--json") == 0
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["audit_lines"], verdict["rows"], verdict["faults"]) == (2, 2, [])

    with closing(sqlite3.connect(settings.marts / own.FILE)) as register:
        register.execute("drop trigger trail_is_not_changed")
        register.execute("update trail set actor = 'nobody' where number = 1")
        register.commit()
    assert told(settings, "evidence", "verify") == 1
    assert "line 1 does not follow from those before it" in capsys.readouterr().out


def test_a_line_that_was_changed_in_the_lake_is_found_by_the_chain(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["sql", "select 1", "--lake", settings.lake]) == 0
    assert seal(settings) == 1
    (file,) = table.files(Lake(settings.lake))
    with duckdb.connect() as connection:
        connection.execute(f"create table lines as select * replace ('eve' as actor) from '{file}'")
        connection.table("lines").write_parquet(file)
    assert told(settings, "evidence", "verify") == 1
    said = capsys.readouterr().out
    assert "raw/audit__line: a row was changed or inserted" in said
    assert '"actor":"eve"' in said


def test_who_looks_sees_the_latest_lines_and_is_told_himself(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["sql", "select 1", "--lake", settings.lake]) == 0
    assert seal(settings) == 1
    capsys.readouterr()
    assert told(settings, "audit", "--json") == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert [(line["act"], line["is_taken"]) for line in lines] == [("sql", True), ("audit", False)]
    assert told(settings, "audit", "--effect", "change") == 0
    assert "0 lines" in capsys.readouterr().out


def test_a_change_that_failed_says_so_and_a_secret_is_not_told(settings: Settings) -> None:
    assert told(settings, "periods", "approve", "none", "--person", "li", "--reason", "fine") != 0
    with own.Register(settings.marts / own.FILE).opened() as connection:
        (line,) = [json.loads(one.said) for one in own.LOG.lines(connection)]
    assert (line["act"], line["effect"], line["outcome"]) == ("periods approve", "change", "failed")
    assert "person=li" in line["subject"]


def test_a_read_goes_on_where_the_trail_cannot_be_written_and_says_so(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (settings.marts / own.FILE).mkdir()
    assert status_of(["sql", "select 41 + 1", "--lake", settings.lake]) == 0
    said = capsys.readouterr()
    assert "42" in said.out
    assert "stands in no trail" in said.err
