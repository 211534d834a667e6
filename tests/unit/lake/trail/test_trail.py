"""Lines of every door reach the lake once, in one shape; a log that was cut, changed or put back is told."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assets import trail
from exchange import register as exchange_register
from exchange.api import accesses
from exchange.api.accesses import Access
from ingestion.portal import audit
from ingestion.portal.audit import About, Who
from ingestion.portal.database import Database
from lake import tablerows
from lake.store import Lake
from lake.trail import compared, looking, own, table
from lake.trail.act import CHANGE, READ, Act
from lake.trail.registers import Register

SUPERSET = """
    create table logs (id integer primary key, action text, user_id integer, json text, dttm text,
        dashboard_id integer, slice_id integer, duration_ms integer, referrer text);
    create table ab_user (id integer primary key, username text);
    create table dashboards (id integer primary key, slug text);
    create table slices (id integer primary key, slice_name text, datasource_name text);
    create table tables (id integer primary key, table_name text);
    insert into ab_user values (1, 'viewer_mill');
    insert into dashboards values (4, 'emissions-zh');
    insert into tables values (9, 'emissions_monthly');
"""
ASKED = json.dumps({"path": "/api/v1/chart/data", "datasource": {"id": 9, "type": "table"}, "result_format": "csv"})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A lake with the logs of four doors beside it, each with a line or two."""
    Lake(str(tmp_path)).claim("plant")
    own.note(tmp_path, Act("run", CHANGE, "published", "root", subject="publication 1"))
    own.note(tmp_path, Act("agents", READ, "query", "root", organization_id="mill", subject="select 1"))
    with Database(tmp_path / "portal/portal.sqlite").writing() as connection:
        audit.note(connection, Who(None, "10.0.0.9"), "login_failed", About(detail="wrong"))
        audit.note(connection, Who("li", "10.0.0.9"), "read_sheet", About("finance/2025-01", "", "mill"))
    with exchange_register.opened(tmp_path).writing() as connection:
        asked = Access("10.0.0.7", "get", "/3/footprints/7", 200, ["7"], "c1", "customer", "car")
        accesses.note(connection, asked)
        accesses.note(connection, replace(asked, status=404, records=()))
    (tmp_path / "superset").mkdir()
    with closing(sqlite3.connect(tmp_path / "superset/superset.db")) as connection:
        connection.executescript(SUPERSET)
        _looked(connection, 1, "execute_sql", "{}")
        _looked(connection, 2, "ChartDataRestApi.data", ASKED)
        _looked(connection, 3, "login_failed", json.dumps({"username": "mallory"}))
        connection.commit()
    return tmp_path


def _looked(connection: sqlite3.Connection, number: int, action: str, sent: str) -> None:
    row = (number, action, None if "login" in action else 1, sent, f"2026-01-01 00:00:0{number}.000000", 4)
    connection.execute(
        "insert into logs (id, action, user_id, json, dttm, dashboard_id) values (?, ?, ?, ?, ?, ?)", row
    )


def registers(place: Path) -> Sequence[Register]:
    return trail.registers(place, place / "portal", place / "superset")


def lines(place: Path) -> list[dict[str, object]]:
    found = tablerows.read(Lake(str(place)).path("raw", table.TABLE)).to_pylist()
    return sorted(found, key=lambda line: (line["register"], line["number"]))


def test_each_line_of_each_door_is_taken_once_and_means_the_same(place: Path) -> None:
    lake = Lake(str(place))
    assert table.take(lake, registers(place)).lines == 8
    assert table.take(lake, registers(place)).lines == 0
    told = [(one["door"], one["effect"], one["act"], one["actor"], one["outcome"]) for one in lines(place)]
    assert told == [
        ("dashboards", "read", "export", "viewer_mill", "done"),
        ("dashboards", "entry", "login_failed", "mallory", "refused"),
        ("exchange", "read", "get", "c1", "done"),
        ("exchange", "read", "get", "c1", "refused"),
        ("run", "change", "published", "root", "done"),
        ("agents", "read", "query", "root", "done"),
        ("portal", "entry", "login_failed", None, "refused"),
        ("portal", "read", "read_sheet", "li", "done"),
    ]
    assert lines(place)[0]["subject"] == "emissions_monthly"
    assert lines(place)[2]["records_count"] == 1
    verdict = compared.compare(lake, registers(place))
    assert (verdict.lines, verdict.waiting, verdict.faults) == (8, 0, [])


def test_who_looks_sees_what_no_run_has_taken_yet(place: Path) -> None:
    lake = Lake(str(place))
    table.take(lake, registers(place))
    own.note(place, Act("agents", READ, "query", "root", organization_id="steel", subject="select 2"))
    assert compared.compare(lake, registers(place)).waiting == 1
    found, doubts = looking.lines(lake, registers(place), looking.Wanted(door="agents"))
    assert [(line["organization_id"], line["is_taken"]) for line in found] == [("mill", True), ("steel", False)]
    assert doubts == []
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert looking.lines(lake, registers(place), looking.Wanted(first=soon)) == ([], [])
    assert len(looking.lines(lake, registers(place), looking.Wanted(most=3))[0]) == 3


def test_a_log_that_was_put_back_goes_on_from_where_both_agree_and_is_told(place: Path) -> None:
    lake, older = Lake(str(place)), place / "older.sqlite"
    shutil.copy(place / own.FILE, older)
    own.note(place, Act("run", CHANGE, "published", "root", subject="publication 2"))
    assert table.take(lake, registers(place)).doubts == []
    with closing(sqlite3.connect(place / own.FILE)) as connection, closing(sqlite3.connect(older)) as before:
        before.backup(connection)
    own.note(place, Act("run", CHANGE, "published", "eve", subject="publication 2"))
    (fault,) = compared.compare(lake, registers(place)).faults
    assert "1 of its lines, the first one 3" in fault
    (doubt,) = table.take(lake, registers(place)).doubts
    assert "behind line 2 the log is not the one that was taken in up to line 3" in doubt.message_en
    both = [line["actor"] for line in lines(place) if (line["register"], line["number"]) == ("nengtan", 3)]
    assert sorted(both, key=str) == ["eve", "root"]  # neither history hides the other
    assert table.take(lake, registers(place)).doubts == []


def test_a_log_that_was_changed_is_found_though_its_triggers_were_taken_away(place: Path) -> None:
    lake = Lake(str(place))
    table.take(lake, registers(place))
    with closing(sqlite3.connect(place / "portal/portal.sqlite")) as connection:
        connection.execute("drop trigger audit_is_not_changed")
        connection.execute("update audit set person_id = 'wang' where number = 2")
        connection.commit()
    (fault,) = compared.compare(lake, registers(place)).faults
    assert "line 2 does not follow from those before it" in fault


def test_a_log_that_is_gone_or_broken_keeps_nobody_waiting(place: Path) -> None:
    lake = Lake(str(place))
    table.take(lake, registers(place))
    (place / exchange_register.FILE).unlink()
    (place / "portal/portal.sqlite").write_bytes(b"not a database at all")
    own.note(place, Act("run", CHANGE, "published", "root", subject="publication 2"))
    taken = table.take(lake, registers(place))
    assert taken.lines == 1
    assert sorted(doubt.register for doubt in taken.doubts) == ["exchange", "portal"]
    assert all(doubt.message_zh and ".sqlite: " in doubt.message_en for doubt in taken.doubts)


def test_a_log_of_the_dashboards_that_was_begun_anew_is_taken_from_its_first_line(place: Path) -> None:
    lake = Lake(str(place))
    table.take(lake, registers(place))
    with closing(sqlite3.connect(place / "superset/superset.db")) as connection:
        connection.execute("delete from logs")
        _looked(connection, 1, "dashboard", "{}")
        connection.commit()
    assert table.take(lake, registers(place)).lines == 1
    assert compared.compare(lake, registers(place)).faults == []
