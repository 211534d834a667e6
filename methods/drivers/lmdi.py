"""LMDI-I, additive: what each factor of a sum of products did to its change, without a residual.

Of V = Σ v, v = x₁ x₂ … xₙ, the effect of a factor is Σ L(v₁, v₀) ln(xₖ₁ / xₖ₀), L(a, b) = (a − b) / (ln a − ln b)
(B. W. Ang, Energy Policy 33 (2005) 867-871). Where something is zero the analytical limit holds (B. W. Ang, F. Q. Zhang
and K.-H. Choi, Energy 23 (1998) 489-495, table 2; R. Wood and M. Lenzen, Energy Policy 34 (2006) 1326-1331).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext

ZERO = Decimal(0)
#: Digits that logarithms are worked out with: what they leave over is far below anything that is printed.
_DIGITS = 40


@dataclass(frozen=True)
class Factor:
    """One factor before and after; None where it is not defined."""

    effect: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class Term:
    """One part of the sum: its value before and after, and the factors whose product it is.

    `rest` is the effect that takes the change where no logarithm can: the value changes its sign, or is not zero
    though a factor is, or has no factors.
    """

    before: Decimal
    after: Decimal
    factors: Sequence[Factor]
    rest: str


def effects(terms: Sequence[Term]) -> dict[str, Decimal]:
    """Return what each effect did, with 40 digits; their sum is the change of the sum of the terms."""
    found: dict[str, Decimal] = {}
    with localcontext() as context:
        context.prec = _DIGITS
        for term in terms:
            for effect, amount in _of_term(term).items():
                found[effect] = found.get(effect, ZERO) + amount
    return found


def _of_term(term: Term) -> dict[str, Decimal]:
    change = term.after - term.before
    if not change and not term.before:
        return {}
    if term.before * term.after > 0 and term.factors and all(_has_logarithm(factor) for factor in term.factors):
        return _by_logarithms(term, change)
    if not term.before or not term.after:
        vanishing = [factor.effect for factor in term.factors if _vanishes(factor, at_start=not term.before)]
        if vanishing:
            return _shared(change, vanishing)
    return {term.rest: change}


def _has_logarithm(factor: Factor) -> bool:
    return factor.before is not None and factor.after is not None and factor.before * factor.after > 0


def _vanishes(factor: Factor, *, at_start: bool) -> bool:
    """Whether it is zero at the end at which the value is, and at that end alone."""
    zero, other = (factor.before, factor.after) if at_start else (factor.after, factor.before)
    return zero == 0 and bool(other)


def _shared(change: Decimal, vanishing: Sequence[str]) -> dict[str, Decimal]:
    """Share a change among the factors that vanish: the limit of L ln x is the same for each."""
    found: dict[str, Decimal] = {}
    for effect in vanishing:
        found[effect] = found.get(effect, ZERO) + change / len(vanishing)
    return found


def _by_logarithms(term: Term, change: Decimal) -> dict[str, Decimal]:
    mean = change / (term.after / term.before).ln() if change else term.before
    found: dict[str, Decimal] = {}
    for factor in term.factors:
        if factor.before is not None and factor.after is not None:
            found[factor.effect] = found.get(factor.effect, ZERO) + mean * (factor.after / factor.before).ln()
    return found


def printed(found: Mapping[str, Decimal], change: Decimal, places: int = 6) -> dict[str, Decimal]:
    """Return the effects with so many decimals that add up to the change to the last digit, by largest remainder."""
    step = Decimal(1).scaleb(-places)
    with localcontext() as context:
        context.prec = _DIGITS
        down = {effect: amount.quantize(step, ROUND_FLOOR) for effect, amount in found.items()}
        missing = int((change.quantize(step) - sum(down.values(), ZERO)) / step)
        by_remainder = sorted(found, key=lambda effect: (down[effect] - found[effect], effect))
        for effect in by_remainder[:missing]:
            down[effect] += step
        return down
