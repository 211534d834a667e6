"""What the published lines of emissions say per unit of what is known by day.

No factor is chosen here: tonnes per unit are those of the lines that the accounting published.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from methods.budgets.things import CARBON_BASE, Key
from methods.forecast import months
from methods.forecast.known import Numbers

#: What of a carrier a category's lines are reckoned from, as the daily amounts are classed.
CLASSES = {
    "combustion": "fuel",
    "purchased_electricity": "bought",
    "purchased_heat": "bought",
    "sold_electricity": "sold",
    "sold_heat": "sold",
    "process": "feedstock",
}
#: Whole months whose tonnes per energy stand for the running one, and how many back a line may have been seen last.
_REACH, _LAST = 12, 3
NOTHING = float("nan")
Line = tuple[float, float]


class Source(NamedTuple):
    """One kind of source of an organisation in one account; `carrier` is also that of a material."""

    organization_id: str
    energy_unit_id: str
    basis: str
    source_category: str
    carrier: str | None
    is_internal: bool

    @property
    def driver(self) -> Key:
        """The series of days that it would be reckoned from."""
        return Key(self.energy_unit_id, CLASSES.get(self.source_category, ""), self.carrier)

    @property
    def energy(self) -> Key:
        """The energy that goes into its organisation: what stands for activity that is told by month."""
        return Key(self.energy_unit_id, CARBON_BASE, None)


@dataclass
class Told:
    """The published lines of a source: by month and line its activity and emissions (t CO2e)."""

    months: dict[date, dict[str, Line]] = field(default_factory=dict)

    def emissions(self, month: date) -> float:
        """Return the emissions of a month, NaN where it has no line."""
        lines = self.months.get(month)
        return sum(emitted for _, emitted in lines.values()) if lines else NOTHING


def told(rows: Iterable[Mapping[str, Any]]) -> dict[Source, Told]:
    """Return the lines by source; `rows` have the fields of a Source, line, month, activity and emissions_tco2e."""
    found: dict[Source, Told] = {}
    for row in rows:
        source = Source(*(row[name] for name in Source._fields))
        lines = found.setdefault(source, Told()).months.setdefault(row["month"], {})
        lines[row["line"]] = float(row["activity"] or Decimal(0)), float(row["emissions_tco2e"])
    return found


def measured_rate(lines: Told, used: Mapping[date, float], month: date, *, is_running: bool) -> float:
    """Return tonnes per unit of a measured amount in a month, as it is known in its course.

    The shares of the lines (what of the amount a certificate covers) are those of the last whole month; so are their
    factors, unless the running month has published lines already: then theirs are in force. `used` is the amount by
    month. NaN where no line was there in the last three months.
    """
    for back in range(1, _LAST + 1):
        before = months.following(month, -back)
        amount = used.get(before, NOTHING)
        if before in lines.months and amount > 0:
            break
    else:
        return NOTHING
    now = lines.months.get(month, {}) if is_running else {}
    total = 0.0
    for name, (activity, emitted) in lines.months[before].items():
        current, tonnes = now.get(name, (0.0, 0.0))
        factor = tonnes / current if current else emitted / activity if activity else 0.0
        total += activity * factor
    return total / amount


def reckoned_rate(lines: Told, energy: Mapping[date, float], month: date) -> float:
    """Return tonnes per energy of what is told by month: of the year that ended two months before this one began.

    The month right before is left out: what it made is being declared while this one runs.
    """
    span = [months.following(month, -back) for back in range(2, 2 + _REACH)]
    known = [one for one in span if one in lines.months and energy.get(one, NOTHING) > 0]
    total = sum(energy[one] for one in known)
    return sum(lines.emissions(one) for one in known) / total if total else NOTHING


def by_month(values: Numbers, first: date) -> list[dict[date, float]]:
    """Return the sums of each series (days × series) by calendar month, also of parts of one; NaN counts as nothing."""
    found: list[dict[date, float]] = [{} for _ in range(values.shape[1])]
    starts: Sequence[tuple[date, int]] = _starts(first, len(values))
    for place, (month, begin) in enumerate(starts):
        end = starts[place + 1][1] if place + 1 < len(starts) else len(values)
        for series, amount in enumerate(np.nansum(values[begin:end], axis=0)):
            found[series][month] = float(amount)
    return found


def _starts(first: date, days: int) -> list[tuple[date, int]]:
    month, found = first.replace(day=1), []
    while (month - first).days < days:
        found.append((month, max((month - first).days, 0)))
        month = months.following(month)
    return found
