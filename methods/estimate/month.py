"""The months of every source as they looked at the end of each of their days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from methods.budgets.course import Days
from methods.estimate import lines
from methods.estimate.lines import NOTHING, Source, Told
from methods.forecast import months, regression
from methods.forecast.known import Numbers

_LONGEST = 31


@dataclass(frozen=True)
class Course:
    """The days of every source, in t CO2e, and what was expected of the rest of each month.

    first: the first day; sources: whose columns these are; is_measured: whether meters say it by day; day: days ×
    sources; rest: days × sources, what the end of that day expected of the days that were left of its month; rate: days
    × sources, tonnes per unit of the driver; ahead: days left × sources of the running month.
    """

    first: date
    sources: Sequence[Source]
    is_measured: Sequence[bool]
    drivers: Sequence[int]
    rate: Numbers
    day: Numbers
    rest: Numbers
    ahead: Numbers


def course(days: Days, told: Mapping[Source, Told], today: date) -> Course:
    """Return the course of the sources whose driver is among the series of `days`, up to today."""
    places = {key: place for place, key in enumerate(days.keys)}
    sources = [one for one in told if one.energy in places]
    is_measured = [one.source_category in lines.CLASSES and one.driver in places for one in sources]
    drivers = [
        places[one.driver if measured else one.energy] for one, measured in zip(sources, is_measured, strict=True)
    ]
    used = lines.by_month(days.amounts, days.first)
    ends = [_days_left(days.first + timedelta(place)) for place in range(days.count)]
    rate = np.full((days.count, len(sources)), np.nan)
    running = today.replace(day=1)
    for column, (source, measured) in enumerate(zip(sources, is_measured, strict=True)):
        rates: dict[date, float] = {}
        for place in range(days.count):
            month = (days.first + timedelta(place)).replace(day=1)
            if month not in rates:
                by_month = used[drivers[column]]
                rates[month] = (
                    lines.measured_rate(told[source], by_month, month, is_running=month == running)
                    if measured
                    else lines.reckoned_rate(told[source], by_month, month)
                )
            rate[place, column] = rates[month]
    expected = _expected(days, days.expected(list(range(1, days.count + 1)), _LONGEST))
    left = np.arange(_LONGEST)[None, :] < np.array(ends)[:, None]
    rest = np.einsum("osh,oh->os", expected, left.astype(float))[:, drivers]
    amounts = np.nan_to_num(days.amounts)[:, drivers]
    ahead = expected[-1, :, : ends[-1]].T[:, drivers] * rate[-1]
    return Course(days.first, sources, is_measured, drivers, rate, amounts * rate, rest * rate, ahead)


def _expected(days: Days, forecast: Numbers) -> Numbers:
    """Return the forecasts, never below nothing; a series that is too young for one goes on as its last days were."""
    for origin, series in np.argwhere(np.isnan(forecast[:, :, 0])):
        recent = days.usable[max(0, origin + 1 - regression.RECENT) : origin + 1, series]
        known = recent[np.isfinite(recent)]
        forecast[origin, series] = known.mean() if len(known) else 0.0
    return np.maximum(forecast, 0.0)


def _days_left(day: date) -> int:
    return (months.following(day.replace(day=1)) - day).days - 1


@dataclass(frozen=True)
class Total:
    """One organisation's account by day, in t CO2e: of the month to date what is measured and reckoned, and the rest.

    The rest of what is measured and of what is reckoned; all four are days long, NaN where the past is too short.
    """

    measured: Numbers
    reckoned: Numbers
    rest_measured: Numbers
    rest_reckoned: Numbers

    @property
    def expected(self) -> Numbers:
        """What the whole month is expected to be."""
        return self.measured + self.reckoned + self.rest_measured + self.rest_reckoned


def total(found: Course, columns: Sequence[int], known_from: date) -> Total:
    """Return the sum of some sources; nothing is known of the months before `known_from`.

    A source without a rate was not there in the months that rates are taken from, and adds nothing.
    """
    every = [found.first + timedelta(place) for place in range(len(found.day))]
    measured = np.array([found.is_measured[column] for column in columns], bool)
    to_date = _to_date(np.nan_to_num(found.day[:, columns]), np.array([day.day == 1 for day in every]))
    rest = np.nan_to_num(found.rest[:, columns])
    parts = [part[:, mask].sum(axis=1) for part in (to_date, rest) for mask in (measured, ~measured)]
    known = np.array([day >= known_from for day in every])
    return Total(*(np.where(known, part, NOTHING) for part in parts))


def _to_date(values: Numbers, is_first: Numbers) -> Numbers:
    """Return running sums that begin anew each month; days before the first whole month count from the first day."""
    sums = np.cumsum(values, axis=0)
    begin = np.maximum.accumulate(np.where(is_first, np.arange(len(values)), 0))
    before = np.vstack([np.zeros((1, values.shape[1])), sums])[begin]
    return np.asarray(sums - before)


def past_errors(expected: Numbers, actual: Mapping[date, float], first: date, place: int) -> Numbers:
    """Return what came beyond what was expected, as shares, in the months that were told by a day.

    Those are the months that ended more than a month before; each as it looked with as many days left as now.
    """
    day = first + timedelta(place)
    left, found = _days_left(day), []
    month = months.following(day.replace(day=1), -2)
    while month >= first:
        seen = (months.following(month) - first).days - 1 - min(left, (months.following(month) - month).days - 1)
        guess = expected[seen] if seen >= 0 else NOTHING
        if np.isfinite(guess) and guess != 0 and np.isfinite(actual.get(month, NOTHING)):
            found.append(actual[month] / guess - 1)
        month = months.following(month, -1)
    return np.array(found)
