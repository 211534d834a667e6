"""When something begins, is told and ends: hysteresis and a time it has to last, over one series of periods.

Nothing of an earlier run is needed: the same periods give the same lives, in whatever order they arrived.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Series:
    """The periods of one thing that is watched, in their order; an unknown value is NaN and decides nothing."""

    starts: Seconds
    ends: Seconds
    values: Values

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Life:
    """One alert by the places of its periods: the first beyond, the one that told, the last known, the first back."""

    first: int
    told: int
    last: int
    closing: int | None


def limits(values: Values, limit: float, clear: float, is_above: bool) -> tuple[Flags, Flags]:
    """Return where values are beyond a limit, and where they are back; between the two nothing changes.

    An infinite value is where a series is over: what was watched is no more, and nothing of it lasts.
    """
    is_over = np.isinf(values)
    with np.errstate(invalid="ignore"):
        beyond, back = (values > limit, values <= clear) if is_above else (values < limit, values >= clear)
    return beyond & ~is_over, back | is_over


def lives(series: Series, beyond: Flags, back: Flags, for_s: int) -> Iterator[Life]:
    """Yield the alerts of a series that lasted for at least `for_s` seconds, the last of them open if it still does."""
    if not beyond.any():
        return
    marks = np.flatnonzero(beyond | back)
    place = 0
    while place < len(marks):
        first = int(marks[place])
        place += 1
        if not beyond[first]:
            continue
        while place < len(marks) and beyond[marks[place]]:
            place += 1
        closing = int(marks[place]) if place < len(marks) else None
        within = np.arange(first, len(series) if closing is None else closing)
        known = within[~np.isnan(series.values[within])]
        lasted = known[series.ends[known] - series.starts[first] >= for_s]
        if len(lasted):
            yield Life(first, int(lasted[0]), int(known[-1]), closing)
