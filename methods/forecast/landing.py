"""Where the year lands: what is there, what is expected, and how far such sums were off before.

The error of a sum of months grows with their number: as its root where months err each by themselves, as the number
where they err alike. How fast is measured; on that scale, and per the typical error of a series' single months, the
errors of all series, origins and numbers of months are one distribution, in which later origins weigh more. An interval
of an origin rests on the errors that were known then.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from methods.forecast import conformal
from methods.forecast.known import Numbers

#: Months after which an error weighs half; months that have to be known before the errors say anything; months ahead.
_MEMORY, LEAST, MONTHS = 3, 6, 12
#: How fast errors may grow with the number of months.
_SLOWEST, _FASTEST = 0.5, 1.0
DAYS_OF_A_MONTH = 365.25 / 12
NOTHING = float("nan")


@dataclass(frozen=True)
class Errors:
    """Errors of the past as they are known after a number of months: one distribution, and the scale of each series.

    values, weights: of all series, origins and months ahead; scale: of each series, for one month ahead, in its unit;
    growth: the power of the number of months that errors grow with; low, middle, high: the quantiles of the values.
    """

    values: Numbers
    weights: Numbers
    scale: Numbers
    growth: float
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Landing:
    """Where a year lands, in the unit of its series; NaN where the past is too short to say."""

    p10: float
    p50: float
    p90: float
    centre: float
    spread: float


def sums_of_errors(actual: Numbers, expected: Numbers) -> Numbers:
    """Return the errors of sums: origins × months ahead × series, NaN where the truth is not known.

    `actual` is months × series. `expected` is origins × months ahead × series: origin i has seen months 0 … i and
    expects i + 1, i + 2, …
    """
    found = np.full_like(expected, np.nan)
    for origin in range(len(expected)):
        coming = actual[origin + 1 : origin + 1 + expected.shape[1]]
        found[origin, : len(coming)] = np.cumsum(coming - expected[origin, : len(coming)], axis=0)
    return found


def known_after(sums: Numbers, months: int) -> Errors:
    """Return the errors that are known when `months` months are; `sums` are those of sums_of_errors."""
    origins = np.arange(len(sums))
    single = np.abs(sums[: max(months - 1, 0), 0])
    weights = 0.5 ** ((months - 2 - origins[: len(single)]) / _MEMORY)
    counted = np.where(np.isfinite(single), weights[:, None], 0.0)
    total = counted.sum(axis=0)
    scale = np.where(total > 0, (np.nan_to_num(single) * counted).sum(axis=0) / np.where(total > 0, total, 1), np.nan)
    scale = np.where((scale > 0) & (months >= LEAST), scale, np.nan)
    ahead = np.arange(1, sums.shape[1] + 1)
    is_past = origins[:, None] + 1 + ahead[None, :] <= months
    usable = np.isfinite(sums / scale) & is_past[:, :, None]
    relative = np.where(usable, sums / scale, 0.0)
    of_origin = np.where(usable, (0.5 ** ((months - 2 - origins) / _MEMORY))[:, None, None], 0.0)
    growth = _growth(relative, of_origin, ahead)
    values, known = (relative / ahead[:, None] ** growth)[usable], of_origin[usable]
    low, high = (conformal.weighted_quantile(values, known, level) for level in (conformal.LOW, conformal.HIGH))
    return Errors(values, known, scale, growth, low, conformal.weighted_median(values, known), high)


def _growth(relative: Numbers, weights: Numbers, ahead: NDArray[np.int_]) -> float:
    """Return the slope of the logarithm of the typical error over that of the months ahead, within its limits."""
    total = weights.sum(axis=(0, 2))
    typical = (np.abs(relative) * weights).sum(axis=(0, 2)) / np.where(total > 0, total, 1)
    known = typical > 0
    if known.sum() < 2:
        return _FASTEST
    slope = np.polyfit(np.log(ahead[known]), np.log(typical[known]), 1, w=np.sqrt(total[known]))[0]
    return float(np.clip(slope, _SLOWEST, _FASTEST))


def landing(so_far: float, coming: float, months: float, errors: Errors, series: int) -> Landing:
    """Return where a sum lands: what is there, what is expected in the months (also parts of one) that are left."""
    centre = so_far + coming
    if months <= 0:
        return Landing(so_far, so_far, so_far, so_far, 0.0)
    spread = float(errors.scale[series]) * months**errors.growth
    if not np.isfinite([errors.low, errors.high, spread]).all():
        return Landing(NOTHING, NOTHING, NOTHING, centre, NOTHING)
    low, middle, high = (centre + spread * error for error in (errors.low, errors.middle, errors.high))
    return Landing(low, middle, high, centre, spread)


def chance_above(found: Landing, budget: float, errors: Errors) -> float:
    """Return the probability that a year ends above its budget; 0 or 1 once it is over, NaN where nothing is known."""
    if not np.isfinite(found.p50):
        return NOTHING
    if found.spread == 0:
        return float(found.p50 > budget)
    return conformal.chance_above(errors.values, errors.weights, (budget - found.centre) / found.spread)
