"""What calendar.csv must say of its rows: which day they mean, and shifts that do not claim the same minutes."""

from itertools import combinations
from typing import Any

from lake import shifts
from lake.site.csv_file import CsvFile

_PLAN = ("energy_unit_id", "local_date", "day_type")


def check(calendar: CsvFile) -> None:
    """A row is a day type of a date or a whole shift; shifts of one plan follow each other."""
    plans: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for row in calendar.frame().iter_rows(named=True):
        if row["shift"] is None:
            _day(calendar, row)
        elif row["start_time"] is None or row["end_time"] is None:
            calendar.fault(row["row"], "start_time", "a shift needs start_time and end_time")
        else:
            plans.setdefault(tuple(row[name] for name in _PLAN), []).append(row)
    for rows in plans.values():
        for first, second in combinations(rows, 2):
            if _hold_together(first, second) and _overlap(first, second):
                taken = f"{first['shift']!r} in line {calendar.lines[first['row']]}"
                message = f"{second['shift']!r} claims time of {taken}, shifts of one day follow each other"
                calendar.fault(second["row"], "start_time", message)


def _day(calendar: CsvFile, row: dict[str, Any]) -> None:
    for name in ("local_date", "day_type"):
        if row[name] is None:
            calendar.fault(row["row"], name, "is empty, a row without a shift says the day_type of a local_date")


def _hold_together(first: dict[str, Any], second: dict[str, Any]) -> bool:
    starts = max((row["valid_from"] for row in (first, second) if row["valid_from"]), default=None)
    ends = min((row["valid_to"] for row in (first, second) if row["valid_to"]), default=None)
    return starts is None or ends is None or starts < ends


def _overlap(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two shifts share a minute, on one day or across midnight."""
    one, other = shifts.planned(first), shifts.planned(second)
    return any(one.start < other.end + days and other.start + days < one.end for days in (-1440, 0, 1440))
