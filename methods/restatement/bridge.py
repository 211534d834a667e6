"""The bridge of one line, activity x rate: from its old value to its new one, part by part, without a remainder.

The activity moves first, cause by cause, at the old rate; then the rate, at the new activity. So a part of the rate is
what the same data would have been valued otherwise, which `nengtan factors impact` shows before it is done, and a part
of the data is what was missing from the old figure as it was reckoned. What is there only because both moved
(change of activity x change of rate) is within the part of the rate and stated as its `interaction`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from methods.restatement import causes
from methods.restatement.causes import Part, Parts

_DIGIT = Decimal("0.000001")
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """One line of a mart: `value` = `activity` x rate, None where it has no number.

    `factor`, in the mass that `tonnes` are made of it by, and `gwp` tell the rate exactly; a line without them has the
    rate that its value tells. Lines of the same `valuation` are valued alike, those of another `method` by other rules.
    """

    activity: Decimal
    value: Decimal | None
    factor: Decimal | None = None
    tonnes: Decimal = Decimal(1)
    gwp: Decimal | None = None
    method: str = ""
    valuation: str = ""

    @property
    def rate(self) -> Fraction | None:
        """Value by unit of activity; None where there is no number."""
        if self.value is None:
            return None
        told = self._told
        if told is not None and at(self.activity, told) == self.value:
            return told
        return Fraction(self.value) / Fraction(self.activity) if self.activity else told

    @property
    def _told(self) -> Fraction | None:
        if self.factor is None or self.gwp is None:
            return None
        mass = (self.factor * self.tonnes).quantize(Decimal("1e-15"), context=_WIDE)
        warmed = mass if self.gwp == 1 else (mass * self.gwp).quantize(Decimal("1e-12"), context=_WIDE)
        return Fraction(warmed)


def rounded(value: Fraction) -> Decimal:
    """Return a number to six decimals, half away from zero, as the marts are."""
    scaled = abs(value) * 1_000_000
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return (Decimal(whole) * _DIGIT).copy_sign(Decimal(-1 if value < 0 else 1)) if whole else Decimal(0)


def at(activity: Decimal, rate: Fraction) -> Decimal:
    """Return the value of an activity at a rate."""
    return rounded(Fraction(activity) * rate)


def parts(old: Line | None, new: Line | None, moved: Mapping[str, Part], rest: str = causes.UNEXPLAINED) -> Parts:
    """Return the parts of new - old; they add up to it to the last digit.

    `moved` has the change of the activity by cause and adds up to it. `rest` is the cause of a value that changed
    although neither activity nor valuation did. A line that was not there had no activity, at the rate of the other.
    """
    before, after = old or _nothing(new), new or _nothing(old)
    rate = before.rate if old is not None else after.rate
    rate = Fraction(0) if rate is None else rate
    told, reached, last = before.value or Decimal(0), before.activity, None
    found = Parts()
    for cause in causes.ORDER:
        if cause in moved:
            reached += moved[cause].change
            value = at(reached, rate)
            found.add(cause, _part(moved[cause], value - told))
            told, last = value, cause
    left = (after.value or Decimal(0)) - told
    if not left or old is None or new is None:
        _close(found, left, last or rest)
    elif before.method != after.method:
        found.add(causes.METHOD, _valued(before, after, left, f"{before.method} → {after.method}"))
    elif (before.valuation, before.gwp) == (after.valuation, after.gwp):
        _close(found, left, last or rest)  # what rounding leaves; without a moved activity it is no rounding
    else:
        _revalue(found, before, after, told)
    return found


def _nothing(other: Line | None) -> Line:
    return Line(Decimal(0), None, None if other is None else other.factor)


def _part(moved: Part, change: Decimal, interaction: Decimal = Decimal(0)) -> Part:
    return Part(change, interaction, moved.subjects, moved.rows)


def _close(found: Parts, left: Decimal, cause: str) -> None:
    if left:
        found.add(cause, Part(left))


def _valued(before: Line, after: Line, change: Decimal, told: str) -> Part:
    """Return the part of another rate; its interaction is what it would not be on the old activity."""
    rate = after.rate if after.rate is not None else Fraction(0)
    alone = at(before.activity, rate) - (before.value or Decimal(0))
    return Part(change, change - alone if before.activity != after.activity else Decimal(0), frozenset((told,)))


def _revalue(found: Parts, before: Line, after: Line, told: Decimal) -> None:
    """Add the parts of another factor and, after it, of another warming potential."""
    value, names = after.value or Decimal(0), f"{before.valuation} → {after.valuation}"
    if before.gwp == after.gwp or not before.gwp or not after.gwp or after.rate is None:
        found.add(causes.FACTOR, _valued(before, after, value - told, names))
        return
    cold = after.rate * Fraction(before.gwp) / Fraction(after.gwp)
    cooled = Line(after.activity, at(after.activity, cold))
    between = told if before.factor == after.factor else cooled.value or Decimal(0)
    if before.factor != after.factor:
        found.add(causes.FACTOR, _valued(before, cooled, between - told, names))
    change, alone = value - between, at(before.activity, after.rate) - at(before.activity, cold)
    shown = frozenset((f"{before.gwp.normalize():f} → {after.gwp.normalize():f}",))
    crossed = change - alone if before.activity != after.activity else Decimal(0)
    found.add(causes.POTENTIAL, Part(change, crossed, shown))
