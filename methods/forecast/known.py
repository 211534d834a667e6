"""What is known of a day beforehand: weekday, holidays and working days of the calendar, planned stops, the season."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
#: The kinds of a whole day: Monday to Sunday, a public holiday, a stop of the unit itself.
_HOLIDAY, _STOP = 7, 8
_KINDS = 9
#: A working day that stands in for another is like Wednesday, a day of rest like Sunday; the last rule counts.
_RULES = (("working", 2), ("rest", 6), ("holiday", _HOLIDAY), ("maintenance", _STOP))
#: The last columns: cosine and sine of the year.
SEASONAL = 2
_YEAR = 365.25


def columns(
    first: date,
    days: int,
    calendar: Iterable[Mapping[str, object]],
    of_unit: Collection[str],
    parts: Collection[str],
) -> Numbers:
    """Return one row for each of the days from `first` on: days × columns, without unit.

    `calendar` has rows of calendar.csv (local_date, energy_unit_id, day_type); `of_unit` are the unit and what it lies
    in, whose days are its own, `parts` what lies in it: a stop of a part is a column of its own. Columns: a constant,
    the kinds of a day, stops of parts in the order of their names, and the season.
    """
    kinds = np.array([(first + timedelta(n)).weekday() for n in range(days)])
    rows = [row for row in calendar if row["day_type"] is not None]
    for day_type, kind in _RULES:
        for place in _places(rows, day_type, first, days, of_unit):
            kinds[place] = kind
    found = np.zeros((days, 1 + _KINDS))
    found[:, 0] = 1
    found[np.arange(days), 1 + kinds] = 1
    stopped = sorted({str(row["energy_unit_id"]) for row in rows if row["energy_unit_id"] in parts})
    stops = np.zeros((days, len(stopped)))
    for number, part in enumerate(stopped):
        stops[_places(rows, "maintenance", first, days, {part}), number] = 1
    turn = 2 * np.pi * ((first - date(2000, 1, 1)).days + np.arange(days)) / _YEAR
    return np.column_stack([found, stops, np.cos(turn), np.sin(turn)])


def has_stop(table: Numbers) -> NDArray[np.bool_]:
    """Return for each day whether the unit or a part of it stops as planned."""
    return np.asarray(table[:, 1 + _STOP : -SEASONAL].any(axis=1), dtype=np.bool_)


def _places(
    rows: Iterable[Mapping[str, object]], day_type: str, first: date, days: int, units: Collection[str]
) -> list[int]:
    """Return the places of the days that the calendar says this of for one of the units, or for all."""
    places = []
    for row in rows:
        day, unit = row["local_date"], row["energy_unit_id"]
        assert isinstance(day, date), "a row of the calendar has a day"
        everywhere = unit is None and day_type != "maintenance"
        if row["day_type"] == day_type and (everywhere or unit in units) and 0 <= (day - first).days < days:
            places.append((day - first).days)
    return places
