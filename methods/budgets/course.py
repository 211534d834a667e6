"""The course of what is budgeted: what is known of its days and months, and what is expected of the coming ones."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from methods.budgets import status, things
from methods.budgets.status import Budgeted, Row
from methods.budgets.things import CARBON_BASE, Key
from methods.forecast import known, months, outlook, regression
from methods.forecast.known import Numbers
from methods.forecast.outlook import Course

#: Calendar years before the current one that a regression looks at; days that a forecast reaches, twelve months.
_YEARS, _HORIZON = 4, 372
#: A day of which more than this share of the intervals is missing is not known.
_MISSING = 0.2
Told = Mapping[tuple[object, object, object], Mapping[str, object]]
#: Whole months whose emissions per energy stand for the coming ones.
_INTENSITY = 12


@dataclass(frozen=True)
class Site:
    """The last day that is known to its end, the calendar's rows, and which units lie in which."""

    today: date
    calendar: Sequence[Mapping[str, object]]
    below: Sequence[Mapping[str, object]]

    def columns(self, unit: str, first: date, days: int) -> Numbers:
        """Return what is known of each day beforehand for a unit."""
        above = {str(row["ancestor"]) for row in self.below if row["descendant"] == unit}
        parts = {str(row["descendant"]) for row in self.below if row["ancestor"] == unit}
        return known.columns(first, days, self.calendar, above | {unit}, parts)


@dataclass(frozen=True)
class Days:
    """Days × series from `first` to today: amounts as published, and as a forecast may use them (NaN: not known)."""

    first: date
    keys: Sequence[Key]
    amounts: Numbers
    usable: Numbers
    columns: Mapping[str, Numbers]

    @property
    def count(self) -> int:
        """The number of days."""
        return len(self.amounts)

    def expected(self, origins: list[int], horizon: int) -> Numbers:
        """Return the forecasts of every series: origins × series × days ahead."""
        found = np.full((len(origins), len(self.keys), horizon), np.nan)
        for unit, columns in self.columns.items():
            mine = [place for place, key in enumerate(self.keys) if key.energy_unit_id == unit]
            found[:, mine] = regression.forecast(self.usable[:, mine], columns, origins, horizon)
        return found


def last_whole_day(latest: datetime, zone: ZoneInfo) -> date:
    """Return the last local day that is over where the latest reading was taken."""
    return latest.astimezone(zone).date() - timedelta(days=1)


def of_days(site: Site, keys: Sequence[Key], table: pa.Table) -> Days:
    """Return the days of the series; the table's columns are energy_unit_id … missing_ratio of marts.rows."""
    rows = table.select(["energy_unit_id", "measure", "carrier", "local_date", "amount", "missing_ratio"])
    cells = list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    earliest = min((cell[3] for cell in cells), default=site.today)
    first = max(earliest, date(site.today.year - _YEARS, 1, 1))
    count = max((site.today - first).days + 1, 0)
    places = {key: place for place, key in enumerate(keys)}
    amounts = np.full((count, len(keys)), np.nan)
    missing = np.zeros_like(amounts)
    for unit, measure, carrier, day, amount, share in cells:
        place, row = places.get(Key(unit, measure, carrier)), (day - first).days
        if place is not None and 0 <= row < count and amount is not None:
            amounts[row, place], missing[row, place] = amount, share
    usable = np.where(missing <= _MISSING, amounts, np.nan)
    units = dict.fromkeys(key.energy_unit_id for key in keys)
    columns = {unit: site.columns(unit, first, count + _HORIZON) for unit in units}
    return Days(first, keys, amounts, usable, columns)


def of_energy(days: Days, today: date) -> Course:
    """Return the course of the energy: every series of days by month."""
    whole = months.whole(days.first, today)
    ends = [(months.following(month) - days.first).days for month in whole]
    left = months.ahead(days.first, today, today.year)
    daily = days.expected([*ends, days.count], _HORIZON)
    begins = [days.count, *left.ends[:-1]] if left.ends else []
    coming = [
        daily[-1, :, begin - days.count : end - days.count].sum(axis=1)
        for begin, end in zip(begins, left.ends, strict=True)
    ]
    new_year = (date(today.year, 1, 1) - days.first).days
    nothing = np.full(len(days.keys), np.nan)
    return Course(
        whole,
        months.sums(days.amounts, days.first, whole),
        months.expected_sums(daily[:-1], days.first, whole),
        today,
        days.amounts[new_year:].sum(axis=0) if new_year >= 0 else nothing,
        left,
        np.array(coming).reshape(len(coming), len(days.keys)),
    )


def of_emissions(energy: Course, days: Days, keys: Sequence[Key], rows: Iterable[Mapping[str, object]]) -> Course:
    """Return the course of emissions: whole months as accounted, and the energy to come by their emissions per energy.

    `rows` have energy_unit_id, measure, month, amount and the kinds of source that have a number.
    """
    told = {(row["energy_unit_id"], row["measure"], row["month"]): row for row in rows}
    whole = list(energy.months)
    while len(whole) > 1 and not all(_is_told(told, key, whole[-1], whole[-2]) for key in keys):
        whole = whole[:-1]
    base = [days.keys.index(Key(key.energy_unit_id, CARBON_BASE, None)) for key in keys]
    actual = np.array([[_amount(told, key, month) for key in keys] for month in whole]).reshape(len(whole), len(keys))
    used = energy.actual[: len(whole), base]
    rates = np.full_like(actual, np.nan)
    for place in range(len(whole)):
        span = slice(max(0, place + 1 - _INTENSITY), place + 1)
        total = used[span].sum(axis=0)
        rates[place] = actual[span].sum(axis=0) / np.where(total == 0, np.nan, total)
    known_to = months.following(whole[-1]) - timedelta(days=1) if whole else energy.today
    this_year = [place for place, month in enumerate(whole) if month.year == energy.today.year]
    left = months.ahead(days.first, known_to, energy.today.year)
    since = (max(known_to + timedelta(days=1), date(energy.today.year, 1, 1)) - days.first).days
    coming = _with_what_was(energy, days, base, left, since) * (rates[-1] if len(rates) else np.nan)
    return Course(
        whole,
        actual,
        energy.expected[: len(whole), :, base] * rates[:, None, :],
        energy.today,
        actual[this_year].sum(axis=0),
        left,
        coming,
    )


def _with_what_was(energy: Course, days: Days, base: list[int], left: months.Ahead, since: int) -> Numbers:
    """Return the energy of the months that are left: what was used of it, and what is expected of it."""
    found = np.zeros((len(left.firsts), len(base)))
    for place, (month, end) in enumerate(zip(left.firsts, left.ends, strict=True)):
        begin = max((month - days.first).days, since)
        found[place] = days.amounts[begin : min(end, days.count), base].sum(axis=0)
        if month in energy.left.firsts:
            found[place] += energy.coming[list(energy.left.firsts).index(month), base]
    return found


def _is_told(told: Told, key: Key, month: date, before: date) -> bool:
    """Whether a month's emissions have every kind of source that those of the month before have."""
    kinds = [_kinds(told.get((key.energy_unit_id, key.measure, one))) for one in (month, before)]
    return kinds[0] >= kinds[1]


def _kinds(row: Mapping[str, object] | None) -> set[str]:
    return set(str(row["kinds"]).split(";")) if row else set()


def _amount(told: Told, key: Key, month: date) -> float:
    row = told.get((key.energy_unit_id, key.measure, month))
    amount = row["amount"] if row else None
    return float(amount) if isinstance(amount, Decimal) else float("nan")


def budgeted(
    found: Sequence[Budgeted], course: Course, amounts: Collection[Mapping[str, object]]
) -> list[tuple[Budgeted, tuple[float, int]]]:
    """Return what is budgeted with its course, and the back-test of the landings of all.

    `amounts` are what was, exactly: key, month, amount.
    """
    seen = outlook.seen(course)
    tested = outlook.coverage(course, seen, len(found))
    whole = {
        (place, month)
        for number, month in enumerate(course.months)
        for place in range(len(found))
        if np.isfinite(course.actual[number, place])
    }
    places = {things.key(thing): place for place, thing in enumerate(found)}
    by_thing: dict[Key, dict[date, tuple[Decimal, bool]]] = {}
    for row in amounts:
        month, amount, key = row["month"], row["amount"], row["key"]
        assert isinstance(month, date)
        assert isinstance(key, Key)
        if isinstance(amount, Decimal) and key in places:
            by_thing.setdefault(key, {})[month] = amount, (places[key], month) in whole
    return [
        (
            replace(
                thing,
                actual=by_thing.get(things.key(thing), {}),
                seen={month: one for (series, month), one in seen.items() if series == place},
            ),
            tested,
        )
        for place, thing in enumerate(found)
    ]


def monthly(table: pa.Table) -> list[Mapping[str, object]]:
    """Return the exact sums of the days by month: key, month, amount."""
    found: dict[tuple[Key, date], Decimal] = {}
    rows = table.select(["energy_unit_id", "measure", "carrier", "local_date", "amount"])
    for unit, measure, carrier, day, amount in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        if amount is not None:
            place = Key(unit, measure, carrier), day.replace(day=1)
            found[place] = found.get(place, Decimal(0)) + amount
    return [{"key": key, "month": month, "amount": amount} for (key, month), amount in found.items()]


def status_rows(found: Iterable[tuple[Budgeted, tuple[float, int]]], today: date) -> list[Row]:
    """Return the rows of a status mart."""
    return [row for thing, tested in found for row in status.rows(thing, today, tested)]
