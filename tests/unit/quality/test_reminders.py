"""Calibrations and trainings that end are told once, by the days of the data, and close when they are renewed."""

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from quality import findings
from quality.detectors import reminders
from tests.unit.quality import lake_views

LAST = date(2025, 6, 30)
FIRST, LATER = datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 7, 2, tzinfo=UTC)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """The last day is 30 June: 60 days of notice end on 29 August, 30 days on 30 July."""
    con = lake_views.connection()
    con.execute("create table quality.completeness_daily as select date '2025-06-30' as local_date")
    con.execute(
        "create table ref.site as select 'Asia/Shanghai' as timezone, 60::bigint as calibration_notice_days, "
        "30::bigint as training_notice_days"
    )
    con.execute("insert into ref.energy_units values ('shop', 'mill', '车间')")
    con.execute("drop table ref.meters")
    con.execute(
        "create table ref.meters (meter_id varchar, energy_unit_id varchar, person_id varchar, calibrated_on date, "
        "calibration_due_on date)"
    )
    con.execute("create table ref.meter_events (meter_id varchar, event varchar, event_at timestamptz)")
    con.execute(
        "create table ref.people (person_id varchar, name_zh varchar, name_en varchar, organization_id varchar, "
        "trained_for varchar, training_due_on date)"
    )
    for name, due in (("over", -1), ("today", 0), ("near", 60), ("far", 61), ("unknown", None)):
        until = LAST + timedelta(days=due) if due is not None else None
        con.execute("insert into ref.meters values (?, 'shop', 'li', date '2023-01-01', ?)", [name, until])
    for name, due in (("li", -1), ("wang", 30), ("shen", 31)):
        until = LAST + timedelta(days=due)
        con.execute("insert into ref.people values (?, '李冶', 'Li Ye', 'mill', 'GB/T 23331', ?)", [name, until])
    return con


def told(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) for one in reminders.detect(con)]


def test_what_ended_and_what_ends_within_the_notice_is_told(con: duckdb.DuckDBPyConnection) -> None:
    assert told(con) == [
        ("calibration_expired", "over"),
        ("calibration_due", "today"),
        ("calibration_due", "near"),
        ("training_expired", "li/GB/T 23331"),
        ("training_due", "wang/GB/T 23331"),
    ]
    assert {one.kind for one in reminders.detect(con)} == set(reminders.KINDS)
    con.execute("update ref.site set calibration_notice_days = 0, training_notice_days = 31")
    assert [kind for kind, _ in told(con)] == ["calibration_expired", "calibration_due", "training_expired"] + [
        "training_due"
    ] * 2


def test_a_site_that_knew_no_notice_is_told_what_is_over(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update ref.site set calibration_notice_days = null, training_notice_days = null")
    assert [kind for kind, _ in told(con)] == ["calibration_expired", "training_expired"]


def test_a_reminder_is_told_once_and_closes_when_the_calibration_is_renewed(con: duckdb.DuckDBPyConnection) -> None:
    first = findings.rows(con, list(reminders.detect(con)), None, "run1", FIRST)
    row = {row["subject"]: row for row in first.to_pylist()}["over"]
    assert (row["owner"], row["organization_id"], row["state"]) == ("li", "mill", "open")
    assert "the calibration of over (in the care of Li Ye) was valid until 2025-06-29" in row["message_en"]
    assert "over（责任人 李冶）的检定有效期至 2025-06-29" in row["message_zh"]
    con.execute("insert into ref.meter_events values ('over', 'calibration', timestamptz '2025-06-29 17:00:00+00')")
    con.execute("update ref.people set training_due_on = date '2026-06-29' where person_id = 'li'")
    again = findings.rows(con, list(reminders.detect(con)), first, "run2", LATER).to_pylist()
    states = {row["subject"]: (row["state"], row["first_seen_at"]) for row in again}
    assert states["over"] == states["li/GB/T 23331"] == ("closed", FIRST)
    assert states["near"] == states["wang/GB/T 23331"] == ("open", FIRST)


def test_a_calibration_after_the_last_day_of_the_data_renews_nothing_yet(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into ref.meter_events values ('over', 'calibration', timestamptz '2025-06-30 17:00:00+00')")
    assert ("calibration_expired", "over") in told(con)
