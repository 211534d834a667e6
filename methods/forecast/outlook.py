"""The landing of each year as it was seen at the end of each of its months, and as it is seen now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from methods.forecast import landing, months
from methods.forecast.known import Numbers
from methods.forecast.landing import Errors, Landing
from methods.forecast.months import Ahead


@dataclass(frozen=True)
class Course:
    """What is known of some series, in their units.

    months: first days of the whole months, one after the other; actual: months × series; expected: origins × months
    ahead × series, seen at the end of each month. Of now: the last known day; so_far: by series what of the current
    year lies before it; coming: what is expected of each month (or rest of one) of `left` × series.
    """

    months: Sequence[date]
    actual: Numbers
    expected: Numbers
    today: date
    so_far: Numbers
    left: Ahead
    coming: Numbers


@dataclass(frozen=True)
class Seen:
    """A landing as seen on a day, with the errors that were known then; `path` is where the coming months would end."""

    on: date
    landing: Landing
    errors: Errors
    path: dict[date, Landing]


def seen(course: Course) -> dict[tuple[int, date], Seen]:
    """Return by series and month how its year looked at the end of the month; the current month as it looks today."""
    sums = landing.sums_of_errors(course.actual, course.expected)
    found: dict[tuple[int, date], Seen] = {}
    for place, month in enumerate(course.months):
        errors = landing.known_after(sums, place + 1)
        rest = 12 - month.month
        for series in range(course.actual.shape[1]):
            so_far = _so_far(course, place, series)
            coming = float(course.expected[place, :rest, series].sum())
            lands = landing.landing(so_far, coming, rest, errors, series)
            found[series, month] = Seen(months.following(month) - timedelta(days=1), lands, errors, {})
    errors = landing.known_after(sums, len(course.months))
    for series in range(course.actual.shape[1]):
        path: dict[date, Landing] = {}
        reached = float(course.so_far[series])
        for step, month in enumerate(course.left.firsts):
            so_far, ahead = float(course.so_far[series]), float(course.left.months[step])
            coming = float(course.coming[: step + 1, series].sum())
            path[month] = landing.landing(so_far, coming, ahead, errors, series)
        last = path[course.left.firsts[-1]] if path else Landing(reached, reached, reached, reached, 0.0)
        found[series, course.today.replace(day=1)] = Seen(course.today, last, errors, path)
    return found


def coverage(course: Course, found: dict[tuple[int, date], Seen], count: int) -> tuple[float, int]:
    """Return of the first `count` series the share of landings that held the year, seen before its end; how many."""
    inside = []
    for (series, month), one in found.items():
        places = [place for place, other in enumerate(course.months) if other.year == month.year]
        if series < count and len(places) == landing.MONTHS and month.month < landing.MONTHS:
            truth = float(course.actual[places, series].sum())
            if np.isfinite([one.landing.p10, one.landing.p90, truth]).all():
                inside.append(one.landing.p10 <= truth <= one.landing.p90)
    return (float(np.mean(inside)) if inside else float("nan")), len(inside)


def _so_far(course: Course, place: int, series: int) -> float:
    """Return the sum of the year's months up to this one; NaN where its first months are not known."""
    month = course.months[place]
    begin = place - month.month + 1
    if begin < 0:
        return float("nan")
    return float(course.actual[begin : place + 1, series].sum())
