"""The energy and the output inside a subject's boundary, month by month: what its indicator is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
ZERO = Decimal(0)
#: How many of an energy unit one tonne of standard coal is; kWh are counted as such.
_PER_TCE = {"tce": Decimal(1), "kgce": Decimal(1000), "gce": Decimal(1000000)}


@dataclass(frozen=True)
class Inside:
    """A month inside a boundary: `amount` in the energy unit of the indicator, `energy_tce` calorific, `output`.

    `fault` says why it cannot be used: no_output alone still has its energy, so that more months can be taken together.
    """

    amount: Decimal = ZERO
    energy_tce: Decimal = ZERO
    cost_cny: Decimal = ZERO
    output: Decimal = ZERO
    missing_ratio: Decimal | None = None
    fault: str | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of the months: energy by (month, unit), output by (month, unit, product), points by (month, point).

    An output is (quantity, unit); `conversions` hold the factor from one unit to another.
    """

    energy: Mapping[tuple[date, str], Sequence[Row]] = field(default_factory=dict)
    products: Mapping[tuple[date, str, str], tuple[Decimal, str]] = field(default_factory=dict)
    points: Mapping[tuple[date, str], tuple[Decimal, str]] = field(default_factory=dict)
    roots: Mapping[str, str] = field(default_factory=dict)
    conversions: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)


class Boundaries:
    """The boundaries of all subjects, so that one can use what another gives out, or share its energy with it."""

    def __init__(self, subjects: Iterable[Row], rows: Iterable[Row], facts: Facts) -> None:
        """Sort the rows by subject and side."""
        self._subjects = {row["subject_id"]: row for row in subjects}
        self._rows: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            self._rows.setdefault((row["subject_id"], row["side"]), []).append(row)
        self._facts = facts
        self._known: dict[tuple[str, date], Inside] = {}

    def has(self, subject_id: str) -> bool:
        """Return whether anything was said of a subject's boundary."""
        return bool(self._rows.get((subject_id, "energy")))

    def of(self, subject_id: str, month: date) -> Inside:
        """Return a subject's month."""
        key = subject_id, month
        if key not in self._known:
            self._known[key] = Inside(fault="circular_boundary")  # what a subject that uses itself would see
            self._known[key] = self._of(self._subjects[subject_id], month)
        return self._known[key]

    def _of(self, subject: Row, month: date) -> Inside:
        energy_unit, _, output_unit = subject["unit"].partition("/")
        rows = self._rows.get((subject["subject_id"], "energy"), [])
        if not rows:
            return Inside(fault="no_boundary")
        output, fault = self._output(subject["subject_id"], month, output_unit)
        found = [self._energy(subject, row, month, energy_unit, output) for row in rows]
        faults = [fault, *(part.fault for part in found)]
        missing = [part.missing_ratio for part in found if part.missing_ratio is not None]
        return Inside(
            sum((part.amount for part in found), ZERO),
            sum((part.energy_tce for part in found), ZERO),
            sum((part.cost_cny for part in found), ZERO),
            output,
            max(missing, default=None),
            next((each for each in (*filter(_is_grave, faults), *faults) if each), None),
        )

    def _output(self, subject_id: str, month: date, unit: str) -> tuple[Decimal, str | None]:
        rows = self._rows.get((subject_id, "output"), [])
        if not rows:
            return ZERO, "no_output_named"
        total = ZERO
        for row in rows:
            if row["point_id"]:
                told = self._facts.points.get((month, row["point_id"]))
            else:
                at = row["energy_unit_id"] or self._facts.roots.get(subject_id, "")
                told = self._facts.products.get((month, at, row["product_id"]))
            if told is None:
                return ZERO, "output_not_told"
            factor = Decimal(1) if told[1] == unit else self._facts.conversions.get((told[1], unit))
            if factor is None:
                return ZERO, "unit_of_other_dimension"
            total += told[0] * factor * row["share"] * row["sign"]
        return (total, None) if total > 0 else (ZERO, "no_output")

    def _energy(self, subject: Row, row: Row, month: date, unit: str, output: Decimal) -> Inside:
        if row["from_subject"]:
            return self._from_another(row, month, output)
        told = [fact for fact in self._facts.energy.get((month, row["energy_unit_id"]), ()) if _is_taken(fact, row)]
        if not told:
            return Inside(fault="no_energy" if row["sign"] > 0 else None)
        if any(fact["energy_tce"] is None and fact["quantity"] for fact in told):
            return Inside(fault="no_coefficient")
        share, fault = self._share(subject, row, month, output)
        factor = row["share"] * share * row["sign"]
        energy = sum((fact["energy_tce"] or ZERO for fact in told), ZERO)
        if unit == "kWh":
            amount = sum((fact["quantity"] for fact in told if fact["quantity_unit"] == "kWh"), ZERO)
        else:
            amount = energy * _PER_TCE[unit]
        cost = sum((fact["cost_cny"] or ZERO for fact in told), ZERO) if row["sign"] > 0 else ZERO
        missing = max((fact["missing_ratio"] or ZERO for fact in told), default=ZERO)
        return Inside(amount * factor, energy * factor, cost * factor, ZERO, missing, fault)

    def _from_another(self, row: Row, month: date, output: Decimal) -> Inside:
        if row["from_subject"] not in self._subjects:
            return Inside(fault="no_boundary")
        above = self.of(row["from_subject"], month)
        if above.fault:
            return Inside(fault="above_without_number")
        used = output * row["share"] * row["sign"] / above.output
        return Inside(above.amount * used, above.energy_tce * used, above.cost_cny * used, ZERO, above.missing_ratio)

    def _share(self, subject: Row, row: Row, month: date, output: Decimal) -> tuple[Decimal, str | None]:
        """Return the share of a row that belongs to a subject: all, or by output among those that name it alike."""
        if not row["is_shared"]:
            return Decimal(1), None
        total = ZERO
        for (other, side), rows in self._rows.items():
            if side == "energy" and any(_is_alike(each, row) for each in rows):
                unit = self._subjects[other]["unit"].partition("/")[2] if other in self._subjects else ""
                told, fault = self._output(other, month, unit)
                if fault not in (None, "no_output"):
                    return ZERO, "output_not_told"
                total += told
        return (output / total, None) if total else (ZERO, "no_output")


def _is_grave(fault: str | None) -> bool:
    return fault not in (None, "no_output")


def _is_alike(row: Row, other: Row) -> bool:
    names = ("energy_unit_id", "carriers", "role", "is_shared")
    return all(row[name] == other[name] for name in names)


def _is_taken(fact: Row, row: Row) -> bool:
    """Materials are no energy; without a role what counts in the unit's energy is taken."""
    wanted = [word for word in (row["carriers"] or "").split(";") if word]
    if wanted and fact["carrier"] not in wanted and fact["carrier_group"] not in wanted:
        return False
    if fact["carrier_group"] == "material":
        return False
    return fact["role"] == row["role"] if row["role"] else bool(fact["is_counted"])


def together(months: Sequence[Inside]) -> Inside:
    """Return several months as one: their energy over their output; a month that lacks something leaves none.

    A month in which nothing was made keeps its energy: a kiln that is warmed up belongs to what it makes afterwards.
    """
    fault = next((month.fault for month in months if _is_grave(month.fault)), None)
    output = sum((month.output for month in months), ZERO)
    if fault is None and output <= 0:
        fault = "no_output"
    missing = [month.missing_ratio for month in months if month.missing_ratio is not None]
    return Inside(
        sum((month.amount for month in months), ZERO),
        sum((month.energy_tce for month in months), ZERO),
        sum((month.cost_cny for month in months), ZERO),
        output,
        max(missing, default=None),
        fault,
    )
