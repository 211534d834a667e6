"""Best and typical hours of like load, and whether the setting of the best held in weeks it was not found in.

The best of many hours are always better than the middle ones, if only by chance. So what the best tenth did is a mere
guess: the range of a parameter that the best hours of every second week kept to is tried on the weeks between, and the
other way about. In each week the hours inside the range stand beside those outside it, so that nothing slower than a
week (season, wear, coal) can pass for its effect. The median of these differences and its distribution-free interval
(order statistics; Conover, Practical Nonparametric Statistics, 3.2) rest on the weeks, not on the many hours, which are
no independent trials.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, nan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
BEST, TYPICAL = 0.1, (0.4, 0.6)
LOAD_BINS, CONDITION_BINS = 8, 3
#: What a bin needs, what a week needs on each side of the range, and weeks that tell of a range.
LEAST_HOURS, LEAST_SIDE, LEAST_WEEKS = 150, 3, 12
#: Loads further apart are not alike; a smaller share of the energy is not worth a word.
MOST_SPREAD, LEAST_SHARE = 1.25, 0.002
#: A site asks of a hundred bins: at one in a thousand, chance is believed once in ten sites.
CONFIDENCE = 0.999


@dataclass(frozen=True)
class Hours:
    """Hours of a unit with one parameter; arrays of the same length, in any order."""

    hour: NDArray[np.int64]  # since 1970-01-01 UTC
    output: Floats  # in the unit of the output, above zero
    energy: Floats  # kgce
    cost: Floats  # CNY
    value: Floats  # in the unit of the parameter
    condition: Floats | None = None  # °C

    def __len__(self) -> int:
        """Return the number of hours."""
        return len(self.hour)

    def where(self, some: Flags | NDArray[np.intp]) -> "Hours":
        """Return some of the hours, by flags or by their places."""
        condition = None if self.condition is None else self.condition[some]
        return Hours(
            self.hour[some], self.output[some], self.energy[some], self.cost[some], self.value[some], condition
        )


@dataclass(frozen=True)
class Optimum:
    """What the hours of a bin say of a parameter; `reason` tells why they recommend nothing."""

    load: tuple[float, float]
    condition: tuple[float, float] | None
    hours: int
    best_hours: int = 0
    weeks: int = 0
    typical_intensity: float = nan  # kgce per unit of output, as all intensities
    best_intensity: float = nan
    typical_value: float = nan
    best_value: float = nan
    best_range: tuple[float, float] = (nan, nan)
    difference: float = nan
    difference_interval: tuple[float, float] = (nan, nan)
    potential_tce: float = nan  # all hours as the best tenth, chance and all
    saving_tce: float = nan  # the hours outside the range, each less by the difference
    saving_interval_tce: tuple[float, float] = (nan, nan)
    cny_per_tce: float = nan
    reason: str | None = None


def optima(hours: Hours) -> Iterator[Optimum]:
    """Return what each bin of like load (and like weather, where known) says, low loads first."""
    ordered = hours.where(np.argsort(hours.hour, kind="stable"))
    for _, some in _binned(ordered, ordered.output, LOAD_BINS):
        if some.condition is None:
            yield _optimum(some)
        else:
            yield from (_optimum(like) for _, like in _binned(some, some.condition, CONDITION_BINS))


def _binned(hours: Hours, by: Floats, bins: int) -> Iterator[tuple[int, Hours]]:
    if not len(hours):
        return
    number = np.searchsorted(np.quantile(by, np.arange(1, bins) / bins), by, side="left")
    for place in range(bins):
        if (number == place).any():
            yield place, hours.where(number == place)


def _optimum(hours: Hours) -> Optimum:
    condition = None if hours.condition is None else (hours.condition.min(), hours.condition.max())
    load = (hours.output.min(), hours.output.max())
    if len(hours) < LEAST_HOURS:
        return Optimum(load, condition, len(hours), reason="too_few_hours")
    if load[1] > MOST_SPREAD * load[0]:
        return Optimum(load, condition, len(hours), reason="loads_differ")
    intensity = hours.energy / hours.output
    level = like_load(intensity, hours.output)
    best = level <= np.quantile(level, BEST)
    low, high = np.quantile(level, TYPICAL)
    typical = (level >= low) & (level <= high)
    best_range = kept_range(hours.value[best])
    inside = (hours.value >= best_range[0]) & (hours.value <= best_range[1])
    weeks = contrasts(hours.hour, hours.value, level)
    difference, interval = float(np.median(weeks)) if len(weeks) else nan, median_interval(weeks)
    typical_intensity = float(np.median(intensity))
    if len(weeks) < LEAST_WEEKS:
        reason: str | None = "no_contrast"
    elif not interval[0] > 0:
        reason = "within_noise"
    else:
        reason = "too_small" if difference < LEAST_SHARE * typical_intensity else None
    best_intensity = hours.energy[best].sum() / hours.output[best].sum()
    outside = hours.output[~inside].sum() / 1000
    return Optimum(
        load,
        condition,
        len(hours),
        best_hours=int(best.sum()),
        weeks=len(weeks),
        typical_intensity=typical_intensity,
        best_intensity=float(best_intensity),
        typical_value=float(np.median(hours.value[typical])),
        best_value=float(np.median(hours.value[best])),
        best_range=best_range,
        difference=difference,
        difference_interval=interval,
        potential_tce=float(hours.energy.sum() - best_intensity * hours.output.sum()) / 1000,
        saving_tce=difference * outside,
        saving_interval_tce=(interval[0] * outside, interval[1] * outside),
        cny_per_tce=float(1000 * hours.cost.sum() / hours.energy.sum()),
        reason=reason,
    )


def like_load(intensity: Floats, output: Floats) -> Floats:
    """Return intensities without what is still due to the load within their bin (the slope of least squares)."""
    apart = output - output.mean()
    spread = float(apart @ apart)
    slope = float(apart @ intensity) / spread if spread else 0.0
    level: Floats = intensity - slope * apart
    return level


def kept_range(values: Floats) -> tuple[float, float]:
    """Return the middle half of what a parameter was in the best hours."""
    low, high = np.quantile(values, (0.25, 0.75))
    return float(low), float(high)


def contrasts(hour: NDArray[np.int64], value: Floats, level: Floats) -> Floats:
    """Return by week how much less the hours took that kept to the range which the other weeks' best hours kept to."""
    week = (hour // 24 + 3) // 7  # 1970-01-01 was a Thursday
    found = []
    for parity in (0, 1):
        here, there = week % 2 == parity, week % 2 != parity
        if not here.any() or not there.any():
            continue
        low, high = kept_range(value[there][level[there] <= np.quantile(level[there], BEST)])
        for one in np.unique(week[here]):
            values, levels = value[week == one], level[week == one]
            inside = (values >= low) & (values <= high)
            if min(inside.sum(), (~inside).sum()) >= LEAST_SIDE:
                found.append(levels[~inside].mean() - levels[inside].mean())
    return np.array(found, dtype=np.float64)


def median_interval(values: Floats | Sequence[float]) -> tuple[float, float]:
    """Return the interval of the median that holds at CONFIDENCE whatever the distribution; none of too few values."""
    count, tail, rank = len(values), 0.0, 0
    while rank < count and tail + comb(count, rank) / 2**count <= (1 - CONFIDENCE) / 2:
        tail += comb(count, rank) / 2**count
        rank += 1
    if not rank:
        return nan, nan
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    return float(ordered[rank - 1]), float(ordered[count - rank])
