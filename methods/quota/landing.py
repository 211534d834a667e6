"""Where outputs and emissions of this year and the next land, from whole months alone.

A month to come is what the same month was a year before (the mean of what is known where it was not), times how the
last months stand to those a year before. Its errors of the past make the interval, as methods/forecast says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from methods.forecast import landing, months, outlook
from methods.forecast.known import Numbers
from methods.forecast.landing import LEAST, MONTHS, Errors, Landing

#: Pairs of months that a level is taken from.
_LEAST_PAIRS = 3


@dataclass(frozen=True)
class Lands:
    """Where the sum of a year lands: interval and probability are NaN where the past is too short to say."""

    landing: Landing
    errors: Errors

    @property
    def centre(self) -> float:
        """What is there and what is expected."""
        return self.landing.centre

    def chance_above(self, amount: float) -> float:
        """Return the probability that the sum ends above an amount."""
        return landing.chance_above(self.landing, amount, self.errors)


@dataclass(frozen=True)
class Forecast:
    """By series and year where it lands, and how often the interval held the year, seen before its end; of how many."""

    lands: Mapping[tuple[int, int], Lands]
    coverage: float
    count: int


def expected(actual: Numbers, ahead: int) -> Numbers:
    """Return origins × months ahead × series; `actual` is months × series, origin i has seen months 0 … i."""
    count, series = actual.shape
    found = np.full((count, ahead, series), np.nan)
    for origin in range(count):
        level = np.ones(series)
        first = max(MONTHS, origin + 1 - MONTHS)
        if origin + 1 - first >= _LEAST_PAIRS:
            now, before = (actual[first - back : origin + 1 - back].sum(axis=0) for back in (0, MONTHS))
            level = np.where(before > 0, now / np.where(before > 0, before, 1), 1.0)
        mean = actual[: origin + 1].mean(axis=0)
        for step in range(ahead):
            like = origin + 1 + step - MONTHS * (step // MONTHS + 1)
            found[origin, step] = actual[like] * level if like >= 0 else mean
    return found


def forecast(first: date, actual: Numbers, combined: Sequence[Mapping[int, float]], years: Sequence[int]) -> Forecast:
    """Return the landings of the years that end after the last known month, and the back-test of those that are over.

    `actual` is months × series from the month of `first`, without a gap; `combined` are further series, each the sum of
    some with a factor. Nothing where fewer than six months are known.
    """
    count = len(actual)
    if count < LEAST:
        return Forecast({}, float("nan"), 0)
    truth, ahead = _with(actual, combined), _with(expected(actual, 3 * MONTHS), combined)
    whole = [months.following(first, number) for number in range(count)]
    nothing_left = months.Ahead([], [], np.array([]))
    course = outlook.Course(
        whole, truth, ahead[:, :MONTHS], months.following(whole[-1]), truth[-1], nothing_left, truth
    )
    seen = outlook.seen(course)
    covered, tested = outlook.coverage(course, seen, truth.shape[1])
    errors = landing.known_after(landing.sums_of_errors(truth, ahead[:, :MONTHS]), count)
    lands = {}
    for year in years:
        known = [place for place, month in enumerate(whole) if month.year == year]
        begin = (year - whole[-1].year) * MONTHS + 1 - whole[-1].month  # months from the last known one
        steps = range(max(begin, 1) - 1, begin + MONTHS - 1)
        if not steps or (known and whole[known[0]].month > 1) or steps[-1] >= ahead.shape[1]:
            continue
        for series in range(truth.shape[1]):
            coming = float(ahead[-1, steps.start : steps.stop, series].sum())
            found = landing.landing(float(truth[known, series].sum()), coming, steps.stop, errors, series)
            lands[series, year] = Lands(found, errors)
    return Forecast(lands, covered, tested)


def _with(values: Numbers, combined: Sequence[Mapping[int, float]]) -> Numbers:
    sums = [values @ np.array([one.get(series, 0.0) for series in range(values.shape[-1])]) for one in combined]
    return np.concatenate([values, *[one[..., None] for one in sums]], axis=-1)
