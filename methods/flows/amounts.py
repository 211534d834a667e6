"""An amount of energy said in several ways: as it was measured, in GJ, in standard coal of both conventions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
_SIX = Decimal("0.000001")


@dataclass(frozen=True)
class Amount:
    """What passed: `quantity` in the carrier's unit (None where carriers are mixed), and its energy.

    Standard coal is None where no coefficient is adopted, and so is every sum that such an amount is part of.
    """

    quantity: Decimal | None = ZERO
    energy_gj: Decimal = ZERO
    tce_calorific: Decimal | None = ZERO
    tce_equivalent: Decimal | None = ZERO

    def __add__(self, other: "Amount") -> "Amount":
        """Return both together."""
        return Amount(
            _sum(self.quantity, other.quantity),
            self.energy_gj + other.energy_gj,
            _sum(self.tce_calorific, other.tce_calorific),
            _sum(self.tce_equivalent, other.tce_equivalent),
        )

    def __neg__(self) -> "Amount":
        """Return the amount that goes the other way."""
        return self.each(lambda number: -number)

    def __sub__(self, other: "Amount") -> "Amount":
        """Return what is left of this without the other."""
        return self + -other

    def times(self, ratio: Decimal) -> "Amount":
        """Return a multiple or share of it, each number rounded once to six decimals."""
        return self.each(lambda number: (number * ratio).quantize(_SIX))

    def above_zero(self) -> "Amount":
        """Return it with zero for each number below: the conventions may differ in the sign of a difference."""
        return self.each(lambda number: max(number, ZERO))

    def without_quantity(self) -> "Amount":
        """Return the energy alone: quantities of several carriers do not add up."""
        return Amount(None, self.energy_gj, self.tce_calorific, self.tce_equivalent)

    def each(self, change: Callable[[Decimal], Decimal]) -> "Amount":
        """Return it with each known number changed."""
        return Amount(
            None if self.quantity is None else change(self.quantity),
            change(self.energy_gj),
            None if self.tce_calorific is None else change(self.tce_calorific),
            None if self.tce_equivalent is None else change(self.tce_equivalent),
        )

    def __bool__(self) -> bool:
        """Whether it is more than nothing in any of its numbers of energy."""
        return bool(self.energy_gj or self.tce_calorific or self.tce_equivalent)


NOTHING = Amount()


def total(amounts: Iterable[Amount]) -> Amount:
    """Return all of them together."""
    found = NOTHING
    for amount in amounts:
        found += amount
    return found


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
