"""Whole months and their sums: what was, and what was expected at the end of each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from methods.forecast.known import Numbers
from methods.forecast.landing import DAYS_OF_A_MONTH, MONTHS


@dataclass(frozen=True)
class Ahead:
    """The months of a year that are not over, seen from a day.

    ends: places of their last days, counted from the first day of the series; months: how far their ends lie ahead.
    """

    firsts: Sequence[date]
    ends: Sequence[int]
    months: Numbers


def following(month: date, count: int = 1) -> date:
    """Return the first day of a later month."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def whole(first: date, last: date) -> list[date]:
    """Return the first days of the months of which every day lies between two days, both included."""
    month = first if first.day == 1 else following(first.replace(day=1))
    found = []
    while following(month) - timedelta(days=1) <= last:
        found.append(month)
        month = following(month)
    return found


def ahead(first: date, seen_from: date, year: int) -> Ahead:
    """Return what is left of a year after a day; both days are local, `first` is that of the series."""
    every = [date(year, number, 1) for number in range(1, MONTHS + 1)]
    rest = [month for month in every if following(month) - timedelta(days=1) > seen_from]
    ends = [(following(month) - first).days for month in rest]
    seen = (seen_from - first).days + 1
    return Ahead(rest, ends, np.array([(end - seen) / DAYS_OF_A_MONTH for end in ends]))


def sums(values: Numbers, first: date, months: Sequence[date]) -> Numbers:
    """Return months × series from days × series; NaN where a day of the month is missing."""
    rows = [values[(month - first).days : (following(month) - first).days].sum(axis=0) for month in months]
    return np.array(rows).reshape(len(months), values.shape[1])


def expected_sums(daily: Numbers, first: date, months: Sequence[date]) -> Numbers:
    """Return origins × MONTHS ahead × series from forecasts of origins (month ends) × series × days."""
    found = np.full((len(months), MONTHS, daily.shape[1]), np.nan)
    for origin, month in enumerate(months):
        begin = (following(month) - first).days
        for step in range(MONTHS):
            days = (
                (following(month, step + 1) - first).days - begin,
                (following(month, step + 2) - first).days - begin,
            )
            found[origin, step] = daily[origin, :, slice(*days)].sum(axis=1)
    return found
