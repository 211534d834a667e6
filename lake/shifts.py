"""Production periods: which shift each local hour of a day belongs to, and what kind of day it is, from calendar.csv.

A unit works by its own plan, or by that of the nearest unit above it, or by the plan for all units. Rows with a date
hold on that day; the others on each day of their day type, and where none names the day's type, those without one.
A shift that began yesterday goes on until its end, whatever today's plan says. Hours are those of the wall clock, so
that the doubled hour of a 25-hour day belongs to one shift twice and the missing hour of a 23-hour day to none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

Row = Mapping[str, Any]
#: What no shift claims.
OUTSIDE = ("outside", "班外", "Outside shifts")
_DAY = 1440
_ONE_DAY = timedelta(days=1)

UNITS = pa.schema([("energy_unit_id", pa.string()), ("plan_key", pa.int32()), ("kind_key", pa.int32())])
KINDS = pa.schema([("kind_key", pa.int32()), ("local_date", pa.date32()), ("day_type", pa.string())])
HOURS = pa.schema(
    [
        ("plan_key", pa.int32()),
        ("local_date", pa.date32()),
        ("local_hour", pa.int32()),
        ("minute_from", pa.int32()),
        ("minute_to", pa.int32()),
        ("shift", pa.string()),
        ("shift_name_zh", pa.string()),
        ("shift_name_en", pa.string()),
        ("shift_start_date", pa.date32()),
    ]
)


@dataclass(frozen=True)
class Shifts:
    """Which plan and which kinds of days hold for a unit; the kinds of the days; the shift of each hour of a plan."""

    units: pa.Table
    kinds: pa.Table
    hours: pa.Table


@dataclass(frozen=True, order=True)
class Piece:
    """Minutes of a local day, half open, and the shift that they belong to; `began` is 1 where it began yesterday."""

    start: int
    end: int
    shift: tuple[str, str, str]
    began: int = 0


def of_days(calendar: Sequence[Row], parents: Mapping[str, str | None], days: Sequence[date]) -> Shifts:
    """Return the production periods of the days: empty tables where the calendar names no shift.

    `calendar` are rows of calendar.csv, `parents` the unit above each unit.
    """
    plans = _by_unit(row for row in calendar if row["shift"])
    if not plans:
        return Shifts(UNITS.empty_table(), KINDS.empty_table(), HOURS.empty_table())
    kinds = _Kinds(calendar)
    units, keys, groups = [], dict[str | None, int](), dict[tuple[str, ...], int]()
    for unit in parents:
        above = list(_above(unit, parents))
        owner = next((one for one in (*above, None) if one in plans), "")
        if owner != "":
            group = tuple(one for one in above if one in kinds.named)
            plan_key, kind_key = keys.setdefault(owner, len(keys)), groups.setdefault(group, len(groups))
            units.append((unit, plan_key, kind_key))
    told = [(key, day, kinds.of(group, day)) for group, key in groups.items() for day in days]
    hours = [
        (key, day, *place, *shift, yesterday if began else day)
        for owner, key in keys.items()
        for day, yesterday, places in _plan(plans[owner], list(_above(owner, parents)), kinds, days)
        for place, shift, began in places
    ]
    return Shifts(_table(units, UNITS), _table(told, KINDS), _table(hours, HOURS))


def pieces_of(yesterday: Iterable[Piece], today: Iterable[Piece]) -> list[Piece]:
    """Return a whole local day in pieces: what goes on from yesterday, today's shifts, and the rest."""
    going_on = [Piece(0, one.end - _DAY, one.shift, 1) for one in yesterday if one.end > _DAY]
    found, until = [], 0
    for one in sorted(going_on) + sorted(today):
        begins, ends = max(one.start, until), min(one.end, _DAY)
        if begins >= ends:
            continue
        if begins > until:
            found.append(Piece(until, begins, OUTSIDE))
        found.append(Piece(begins, ends, one.shift, one.began))
        until = ends
    return [*found, Piece(until, _DAY, OUTSIDE)] if until < _DAY else found


def minutes(time: str) -> int:
    """Return a time of day as minutes: 24:00 is 1440."""
    hour, _, minute = time.partition(":")
    return int(hour) * 60 + int(minute)


def planned(row: Row) -> Piece:
    """Return the shift of a row; one that ends when or before it begins ends on the next day."""
    start, end = minutes(row["start_time"]), minutes(row["end_time"])
    name = row["name_zh"] or row["shift"]
    return Piece(start, end if end > start else end + _DAY, (row["shift"], name, row["name_en"] or name))


class _Kinds:
    """What calendar.csv calls the days: of a unit, else of the nearest unit above, else of all, else by weekday."""

    def __init__(self, calendar: Sequence[Row]) -> None:
        dated = [row for row in calendar if row["local_date"] and row["day_type"]]
        self._said = {(row["energy_unit_id"], row["local_date"]): row["day_type"] for row in dated}
        self.named = {row["energy_unit_id"] for row in dated}

    def of(self, above: Sequence[str], day: date) -> str:
        for unit in (*above, None):
            if (unit, day) in self._said:
                return str(self._said[unit, day])
        return "working" if day.weekday() < 5 else "rest"


Places = Sequence[tuple[tuple[int, int, int], tuple[str, str, str], int]]


def _plan(
    rows: Sequence[Row], above: Sequence[str], kinds: _Kinds, days: Sequence[date]
) -> Iterator[tuple[date, date, Places]]:
    """Yield each day, the day before, and the hours of the day."""
    shifts = [(row, planned(row)) for row in rows]
    dates = {row["local_date"] for row in rows}
    known: dict[date, tuple[Piece, ...]] = {}
    drawn: dict[tuple[tuple[Piece, ...], ...], Places] = {}

    def of(day: date) -> tuple[Piece, ...]:
        if day in dates:
            return tuple(one for row, one in shifts if row["local_date"] == day)
        kind = kinds.of(above, day)
        standing = [(row["day_type"], one) for row, one in shifts if not row["local_date"] and _holds(row, day)]
        chosen = [one for said, one in standing if said == kind]
        return tuple(chosen or [one for said, one in standing if not said])

    for day in days:
        before = day - _ONE_DAY
        known = {one: known[one] if one in known else of(one) for one in (before, day)}
        both = known[before], known[day]
        if both not in drawn:
            drawn[both] = list(_hours(pieces_of(*both)))
        yield day, before, drawn[both]


def _holds(row: Row, day: date) -> bool:
    return (row["valid_from"] or date.min) <= day < (row["valid_to"] or date.max)


def _hours(pieces: Iterable[Piece]) -> Iterator[tuple[tuple[int, int, int], tuple[str, str, str], int]]:
    """Yield hour, its first and last minute, shift and days since the shift began."""
    for one in pieces:
        for hour in range(one.start // 60, -(-one.end // 60)):
            yield (hour, max(one.start - hour * 60, 0), min(one.end - hour * 60, 60)), one.shift, one.began


def _above(unit: str | None, parents: Mapping[str, str | None]) -> Iterator[str]:
    while unit is not None:
        yield unit
        unit = parents.get(unit)


def _by_unit(rows: Iterable[Row]) -> dict[str | None, list[Row]]:
    found: dict[str | None, list[Row]] = {}
    for row in rows:
        found.setdefault(row["energy_unit_id"], []).append(row)
    return found


def _table(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)
