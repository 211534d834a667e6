"""Rows of calendar.csv that mean nothing, and shifts that claim the same minutes, are faults with line and column."""

from pathlib import Path
from zoneinfo import ZoneInfo

from lake.site import calendar_rows, declared
from lake.site.csv_file import read_csv

HEADER = "local_date,energy_unit_id,day_type,shift,start_time,end_time,valid_from,valid_to\n"


def faults(folder: Path, rows: str) -> list[str]:
    (folder / "calendar.csv").write_text(HEADER + rows, "utf-8")
    calendar = read_csv(folder / "calendar.csv", declared.files()["calendar"], ZoneInfo("UTC"))
    calendar_rows.check(calendar)
    return [str(fault) for fault in calendar.faults]


def test_shifts_that_follow_each_other_are_fine(tmp_path: Path) -> None:
    plan = """,works,,day,08:00,20:00,,2025-01-01
,works,,night,20:00,08:00,,2025-01-01
,works,,early,06:00,14:00,2025-01-01,
,works,rest,one,07:00,13:00,,
2025-10-01,works,holiday,,,,,
"""
    assert faults(tmp_path, plan) == []


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    plan = """,works,,night,20:00,08:00,,
,works,,early,07:30,16:00,,
,works,,late,16:00,,,
,works,rest,,,,,
2025-10-01,works,,,,,,
"""
    said = faults(tmp_path, plan)
    assert len(said) == 4
    assert "calendar.csv:3: start_time: 'early' claims time of 'night' in line 2" in said[-1]
    assert "calendar.csv:4: start_time: a shift needs start_time and end_time" in said[0]
    assert "calendar.csv:5: local_date: is empty" in said[1]
    assert "calendar.csv:6: day_type: is empty" in said[2]
