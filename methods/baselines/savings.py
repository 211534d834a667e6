"""What a baseline says of the months after it: expected less actual, each month and from the first on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from methods.baselines import regression
from methods.baselines.model import SIGNIFICANT, Model, Periods
from methods.baselines.regression import Numbers

#: How sure an interval is, two-sided.
CONFIDENCE = 0.90
#: A baseline that leaves more than this share unexplained is none (ASHRAE Guideline 14-2014, whole-building path).
VARIATION = 0.25
#: How far a variable may lie beyond those of the baseline period (ASHRAE Guideline 14-2014, whole-building path).
_BELOW, _ABOVE = 0.9, 1.1


@dataclass(frozen=True)
class Span:
    """Energy of one or several months in tce: what was used, what the baseline expects, and how far it may be off."""

    actual: float
    expected: float
    half_width: float | None
    cost: float

    @property
    def saving(self) -> float:
        """Expected less actual."""
        return self.expected - self.actual

    @property
    def saving_cny(self) -> float | None:
        """The saving at what the energy of these months cost."""
        return self.saving * self.cost / self.actual if self.actual else None

    @property
    def verdict(self) -> str:
        """Whether the saving stands out from what the baseline leaves open: saved, increased, or neither."""
        if self.half_width is None or abs(self.saving) <= self.half_width:
            return "within_uncertainty"
        return "saved" if self.saving > 0 else "increased"


@dataclass(frozen=True)
class Saved:
    """A month of the reporting period, and all months from the first to it."""

    month: date
    days: int
    own: Span
    together: Span
    is_within_range: bool


def is_adequate(model: Model) -> bool:
    """Whether a baseline can carry a saving: little is left unexplained, and each variable stands out."""
    stands_out = bool((np.abs(model.fit.statistics[1:]) >= SIGNIFICANT).all())
    return model.fit.variation <= VARIATION and stands_out


def by_month(model: Model, before: Periods, after: Periods) -> list[Saved]:
    """Return each month of the reporting period in order."""
    months = [start.replace(day=1) for start in after.starts]
    within = _within(model.columns(before), model.columns(after), len(after.starts))
    found = []
    for month in sorted(set(months)):
        own = [one == month for one in months]
        found.append(
            Saved(
                month=month,
                days=int(after.days[np.array(own)].sum()),
                own=_span(model, after.chosen(own)),
                together=_span(model, after.chosen([one <= month for one in months])),
                is_within_range=bool(within[np.array(own)].all()),
            )
        )
    return found


def _span(model: Model, periods: Periods) -> Span:
    columns, rows = model.columns(periods), len(periods.starts)
    expected = float(np.broadcast_to(regression.expected(model.fit, columns), rows).sum())
    half = regression.half_width(model.fit, columns, rows, CONFIDENCE)
    return Span(float(periods.energy.sum()), expected, half, float(periods.cost.sum()))


def _within(before: Sequence[Numbers], after: Sequence[Numbers], rows: int) -> Numbers:
    found = np.ones(rows, dtype=bool)
    for was, now in zip(before, after, strict=True):
        found &= (now >= was.min() * _BELOW) & (now <= was.max() * _ABOVE)
    return found
