"""The inputs of an emission line and how far each can be off.

A line is a product: activity x factor terms. Its activity is the sum of what several instruments measured, each
with its share. Inputs with one id are one error, wherever they stand: the same meter in another line or month, the same
factor in another organisation. Inputs with different ids are independent.
"""

import math
from dataclasses import dataclass, field

from methods.reconciliation import accuracy

#: Half of a 95 % interval of a normal error, in standard deviations.
COVERAGE = 1.959963984540054


@dataclass(frozen=True)
class Input:
    """One error: `low` and `high` are how far below and above it may lie at 95 %, as shares of the value.

    `is_bounded`: the error is anywhere within ±`high` and nowhere beyond (the class of an instrument); else the limits
    are those of a 95 % interval, which may be wider to one side.
    """

    key: str
    low: float
    high: float
    is_bounded: bool = False

    @property
    def standard(self) -> float:
        """The standard deviation that the linear way reckons with.

        Of bounds ±a it is a/√3 (JCGM 100:2008, 4.3.7); of a 95 % interval its half width by 1.96, and of a lopsided one
        the wider half, as the IPCC asks for its first approach (2006 Guidelines, volume 1, chapter 3, table 3.2).
        """
        if self.is_bounded:
            return accuracy.standard_uncertainty(self.high)
        return max(self.low, self.high) / COVERAGE


@dataclass(frozen=True)
class Line:
    """One emission line: `activity` has the share of each known input, `factor` the known terms of the factor."""

    key: str
    emissions_tco2e: float
    activity: tuple[tuple[Input, float], ...] = ()
    factor: tuple[Input, ...] = ()
    is_activity_known: bool = False
    is_factor_known: bool = False

    @property
    def is_covered(self) -> bool:
        """Whether everything that its number rests on has a known uncertainty."""
        return self.is_activity_known and self.is_factor_known

    def sensitivities(self) -> dict[Input, float]:
        """Return the tonnes that the line changes by when an input is off by its whole value."""
        found: dict[Input, float] = {}
        for one, share in (*self.activity, *((term, 1.0) for term in self.factor)):
            found[one] = found.get(one, 0.0) + share * self.emissions_tco2e
        return found


@dataclass(frozen=True)
class Budget:
    """The lines of a total, with both propagations' results in tonnes and the shares that are covered."""

    lines: tuple[Line, ...] = field(default_factory=tuple)

    @property
    def emissions_tco2e(self) -> float:
        """The total."""
        return math.fsum(line.emissions_tco2e for line in self.lines)

    @property
    def inputs(self) -> list[Input]:
        """Every known input once, in the order of its name."""
        return sorted({one for line in self.lines for one in line.sensitivities()}, key=lambda one: one.key)

    def u95_tco2e(self) -> float:
        """Half the 95 % interval by linear propagation.

        First the tonnes by which all lines together follow each input, then the root of the sum of squares over the
        inputs (JCGM 100:2008, 5.1.2): what is shared adds up, what is independent adds in quadrature.
        """
        moved: dict[Input, float] = {}
        for line in self.lines:
            for one, tonnes in line.sensitivities().items():
                moved[one] = moved.get(one, 0.0) + tonnes
        return COVERAGE * math.hypot(*(tonnes * one.standard for one, tonnes in moved.items()))

    def covered_ratio(self, part: str = "is_covered") -> float | None:
        """Return the share of the tonnes, sold and bound ones counted as such, whose inputs are known."""
        whole = math.fsum(abs(line.emissions_tco2e) for line in self.lines)
        known = math.fsum(abs(line.emissions_tco2e) for line in self.lines if getattr(line, part))
        return known / whole if whole else None
