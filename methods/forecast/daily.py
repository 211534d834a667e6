"""Daily forecasts four weeks ahead: their intervals, and how often and how well the past was met by both of them.

Each week is an origin. An interval of an origin rests on the errors that were known then and on no later one, so that
the days it is tested on were never used to make it.
"""

from dataclasses import dataclass

import numpy as np

from methods.forecast import conformal
from methods.forecast.known import Numbers

#: Days ahead; origins lie a week apart. Errors of half a year make an interval, the intervals of a year are tested.
HORIZON, WEEK, ORIGINS, TESTED = 28, 7, 26, 52


@dataclass(frozen=True)
class Tested:
    """Bounds of origins × series × days ahead; of series × weeks ahead: how the back-test went.

    days: tested days; coverage: share of them inside the interval of 80 %; error and naive_error: mean absolute error,
    in the unit of the values. NaN where nothing could be tested.
    """

    low: Numbers
    middle: Numbers
    high: Numbers
    days: Numbers
    coverage: Numbers
    error: Numbers
    naive_error: Numbers


def origins(days: int) -> list[int]:
    """Return the origins, a week apart and the last one now, that have a week behind them; numbers of known days."""
    return list(range(days, WEEK - 1, -WEEK))[::-1]


def tested(expected: Numbers, naive: Numbers, actual: Numbers) -> Tested:
    """Return the bounds of the last year's origins and the back-test of them.

    All three are origins × series × HORIZON days ahead in one unit, origins a week apart, the last one now.
    """
    errors = actual - expected
    low, high = np.full_like(expected, np.nan), np.full_like(expected, np.nan)
    count, weeks = len(expected), HORIZON // WEEK
    for origin in range(max(0, count - TESTED - 1), count):
        for week in range(weeks):
            ahead = slice(week * WEEK, (week + 1) * WEEK)
            past = errors[max(0, origin - week - ORIGINS) : max(0, origin - week), :, ahead]
            pool = past.transpose(0, 2, 1).reshape(-1, errors.shape[1])
            low[origin, :, ahead] = _bound(expected, conformal.quantile(pool, conformal.LOW), origin, ahead)
            high[origin, :, ahead] = _bound(expected, conformal.quantile(pool, conformal.HIGH), origin, ahead)
    is_tested = np.isfinite(low) & np.isfinite(errors) & np.isfinite(naive)
    inside = (actual >= low) & (actual <= high)

    def of_weeks(cells: Numbers) -> Numbers:
        kept = np.where(is_tested, cells, 0.0).sum(axis=0)
        return np.asarray(kept.reshape(len(kept), weeks, WEEK).sum(axis=2))

    days = of_weeks(np.ones_like(errors))
    share = np.where(days > 0, days, np.nan)
    return Tested(
        low,
        expected,
        high,
        days,
        of_weeks(inside.astype(float)) / share,
        of_weeks(np.abs(errors)) / share,
        of_weeks(np.abs(actual - naive)) / share,
    )


def _bound(expected: Numbers, quantile: Numbers, origin: int, ahead: slice) -> Numbers:
    bound = np.where(np.isfinite(quantile), quantile, np.nan)
    found: Numbers = expected[origin, :, ahead] + bound[:, None]
    return found
