"""The line of a baseline: which variables it rests on, and at which outdoor temperatures heating and cooling begin.

Degree days of a period are Σ max(0, base − T) of heating and Σ max(0, T − base) of cooling over its days. The base that
leaves least unexplained is the change point of the 3-parameter models and of the variable-base degree-day models, with
both of the 5-parameter model (J. K. Kissock, J. S. Haberl, D. E. Claridge, ASHRAE Transactions 109(2) 2003, 425-434).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations, product

import numpy as np

from methods.baselines import regression
from methods.baselines.regression import Fit, Numbers

#: What weather does must stand out: a coefficient above zero of at least twice its standard error.
SIGNIFICANT = 2.0
_COARSE, _FINE = 1.0, 0.25


@dataclass(frozen=True)
class Periods:
    """Whole days or months, side by side.

    energy in tce; cost; outputs by product; days and working days of each; temperatures: daily means outdoors in °C.
    """

    starts: Sequence[date]
    energy: Numbers
    cost: Numbers
    outputs: Mapping[str, Numbers]
    days: Numbers
    working_days: Numbers
    temperatures: Sequence[Numbers]

    def chosen(self, wanted: Sequence[bool]) -> "Periods":
        """Return those that are wanted."""
        mask = np.array(wanted, dtype=bool)
        return Periods(
            [start for start, keep in zip(self.starts, wanted, strict=True) if keep],
            self.energy[mask],
            self.cost[mask],
            {name: column[mask] for name, column in self.outputs.items()},
            self.days[mask],
            self.working_days[mask],
            [days for days, keep in zip(self.temperatures, wanted, strict=True) if keep],
        )


@dataclass(frozen=True)
class Wanted:
    """What the site says of a baseline: products, whether working days and weather count, and its grain."""

    products: Sequence[str] = ()
    working_days: bool = False
    heating: bool = False
    cooling: bool = False
    is_daily: bool = False


@dataclass(frozen=True)
class Model:
    """A fitted baseline; `bases` are the temperatures at which heating and cooling begin, where weather counts."""

    wanted: Wanted
    fit: Fit
    bases: Mapping[str, float] = field(default_factory=dict)

    @property
    def terms(self) -> list[str]:
        """The terms in the order of the coefficients: constant, products, working days, heating, cooling."""
        working = ["working_days"] if self.wanted.working_days else []
        return ["constant", *self.wanted.products, *working, *self.bases]

    def columns(self, periods: Periods) -> list[Numbers]:
        """Return the variables of these periods."""
        return _columns(self.wanted, periods, self.bases)


def fitted(wanted: Wanted, periods: Periods) -> Model | None:
    """Fit the baseline; None where nothing can be fitted.

    Of the lines without weather and with each kind that is wanted the one counts that is worth its parameters: the
    least of Schwarz's criterion, n ln(SSE / n) + p ln n.
    """
    kinds = [kind for kind in ("heating", "cooling") if getattr(wanted, kind)]
    tried = [some for size in range(1, len(kinds) + 1) for some in combinations(kinds, size)]
    plain = regression.fit(_columns(wanted, periods, {}), periods.energy, with_memory=wanted.is_daily)
    found = [None if plain is None else Model(wanted, plain), *(_with_weather(wanted, periods, some) for some in tried)]
    return min((one for one in found if one is not None), key=lambda one: one.fit.criterion, default=None)


def _with_weather(wanted: Wanted, periods: Periods, kinds: Sequence[str]) -> Model | None:
    """Return the best line with a base of each kind: whole kelvins first, then quarters around the best of them."""
    known = np.concatenate(list(periods.temperatures)) if periods.temperatures else np.array([])
    if not known.size:
        return None
    low, high = np.floor(np.percentile(known, 5)), np.ceil(np.percentile(known, 95))
    grid = np.arange(low, high + _COARSE, _COARSE)
    best = _best(wanted, periods, kinds, product(grid, repeat=len(kinds)))
    if best is None:
        return None
    around = [np.arange(base - _COARSE, base + _COARSE + _FINE, _FINE) for base in best.bases.values()]
    return _best(wanted, periods, kinds, product(*around))


def _best(
    wanted: Wanted, periods: Periods, kinds: Sequence[str], candidates: Iterator[tuple[float, ...]]
) -> Model | None:
    plain = _columns(replace(wanted, heating=False, cooling=False), periods, {})
    kept: dict[tuple[str, float], Numbers] = {}
    best: Model | None = None
    for bases in candidates:
        if len(bases) == 2 and bases[0] > bases[1]:
            continue
        for key in zip(kinds, bases, strict=True):
            if key not in kept:
                kept[key] = degree_days(periods, *key)
        weather = [kept[key] for key in zip(kinds, bases, strict=True)]
        found = regression.fit([*plain, *weather], periods.energy, len(kinds), with_memory=wanted.is_daily)
        if found is None or (best is not None and found.spread >= best.fit.spread):
            continue
        if (found.statistics[-len(kinds) :] >= SIGNIFICANT).all():
            best = Model(wanted, found, {kind: float(base) for kind, base in zip(kinds, bases, strict=True)})
    return best


def degree_days(periods: Periods, kind: str, base: float) -> Numbers:
    """Return the degree days of each period in K d; days whose temperature is not known count as the others' mean."""
    sign = 1.0 if kind == "heating" else -1.0
    means = [np.maximum(sign * (base - known), 0.0).mean() for known in periods.temperatures]
    found: Numbers = np.array(means) * periods.days
    return found


def _columns(wanted: Wanted, periods: Periods, bases: Mapping[str, float]) -> list[Numbers]:
    working = [periods.working_days] if wanted.working_days else []
    outputs = [periods.outputs[name] for name in wanted.products]
    return [*outputs, *working, *(degree_days(periods, kind, base) for kind, base in bases.items())]
