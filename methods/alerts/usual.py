"""What is usual: the median of a thing's own like days of eight weeks, without the days on which it was beyond.

Robust on purpose: single odd days move neither the median nor the median absolute deviation. The days of a rise are
left out, so that it does not hide itself; what has lasted for eight weeks (a kiln that runs again) is usual then.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from statistics import median

import numpy as np

from methods.alerts.lives import Flags, Values

DAYS = 56
#: Fewer like days say nothing: eight weeks have sixteen days of rest.
LEAST_DAYS = 6
#: Of a median absolute deviation to a standard deviation, and the modified z-score that Iglewicz and Hoaglin (1993)
#: call an outlier.
_SCALE, _OUTLIER = 1.4826, 3.5
#: An amount that never varies would make every change one: below a twentieth of the usual nothing is an anomaly.
_LEAST_SHARE = 0.05


@dataclass(frozen=True)
class Judged:
    """Of each day whether it is beyond what is usual, back at it, what was usual, and from which value on it is told.

    `adopted` are the places at which a new level was taken for usual; each counts as back.
    """

    beyond: Flags
    back: Flags
    usual: Values
    limit: Values
    adopted: frozenset[int]


def judged(  # noqa: PLR0913 -- a rule's numbers, by name
    values: Values, days: Sequence[int], kinds: Sequence[str], *, limit: float, clear: float, is_leak: bool,
    is_above: bool = True,
) -> Judged:  # fmt: skip
    """Judge each day (ordinals, ascending) against earlier ones of its kind.

    leak: `limit` is a rise as a share of the usual, and it has to be an outlier, too; what usually does not flow at all
    has no such share and is not judged (a threshold is for that). anomaly: `limit` is a robust z.
    """
    count, sign = len(values), 1.0 if is_above else -1.0
    beyond, back = np.zeros(count, bool), np.zeros(count, bool)
    usual, limits = np.full(count, np.nan), np.full(count, np.nan)
    windows: dict[str, tuple[list[int], list[float]]] = {}
    known: dict[str, tuple[float, float]] = {}
    since: int | None = None
    adopted: list[int] = []
    for place, (day, kind, value) in enumerate(zip(days, kinds, values.tolist(), strict=True)):
        if isnan(value):
            continue
        if since is not None and day - since >= DAYS:
            windows, known, since = {}, {}, None
            back[place] = True
            adopted.append(place)
        earlier, amounts = windows.setdefault(kind, ([], []))
        begin = bisect_left(earlier, day - DAYS)
        if len(earlier) - begin >= LEAST_DAYS:
            known[kind] = _centre(amounts[begin:])
        elif since is None:
            known.pop(kind, None)
        middle, spread = known.get(kind, (0.0, 0.0))
        if kind in known and (middle > 0 or not is_leak):
            margin = max(limit * abs(middle), _OUTLIER * spread) if is_leak else limit * spread
            margin = max(margin, _LEAST_SHARE * abs(middle))
            away = sign * (value - middle)
            usual[place], limits[place] = middle, middle + sign * margin
            beyond[place], back[place] = away > margin, away <= margin * clear / limit
            if beyond[place]:
                since = day if since is None else since
            elif back[place]:
                since = None
        if since is None:
            earlier.append(day)
            amounts.append(value)
    return Judged(beyond, back, usual, limits, frozenset(adopted))


def _centre(values: Sequence[float]) -> tuple[float, float]:
    """Return the median and the median absolute deviation, scaled as a standard deviation."""
    middle = median(values)
    return middle, _SCALE * median([abs(value - middle) for value in values])
