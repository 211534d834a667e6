"""How good a footprint's data are: share of primary data, ratings, and what was left out, by the rules of PACT.

Each is a mean over the contributions, weighted by their size without sign, as PACT asks for the footprint without
biogenic uptake (PACT Methodology 3.0, 4.2.2 and 4.2.3; ratings 1, the best, to 5).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO, ONE = Decimal(0), Decimal(1)
ASPECTS = ("technology", "time", "geography")
#: What may be left out of a footprint: one flow, and all together.
ONE_FLOW, TOGETHER = Decimal("0.01"), Decimal("0.05")
#: Months of data behind a year's figure, at least so many for each rating.
_MONTHS = ((12, 1), (6, 2), (3, 3), (1, 4))
#: Additional variance of the logarithm by rating 1 to 5 (Weidema et al., Overview and methodology, ecoinvent 3, 2013,
#: table 10.5), with the basic variance of a demanded product.
_BASIC = 0.0006
_PEDIGREE: Mapping[str, tuple[float, ...]] = {
    "technology": (0.0, 0.0006, 0.008, 0.04, 0.12),
    "time": (0.0, 0.0002, 0.002, 0.008, 0.04),
    "geography": (0.0, 0.000025, 0.0001, 0.0006, 0.002),
}


@dataclass(frozen=True)
class Part:
    """A contribution: its size, the share of it that is primary, and its ratings by aspect (None where not rated)."""

    amount: Decimal
    primary: Decimal
    ratings: dict[str, Decimal | None]
    reliability: Decimal | None = None


def primary_share(parts: Sequence[Part]) -> Decimal | None:
    """Return the share of primary data: Σ |contribution| x its primary share / Σ |contribution|."""
    return _mean([(abs(part.amount), part.primary) for part in parts])


def rating(parts: Sequence[Part], aspect: str) -> Decimal | None:
    """Return the mean rating of an aspect over what is rated; None where nothing is."""
    weighed = []
    for part in parts:
        told = part.reliability if aspect == "reliability" else part.ratings.get(aspect)
        if told is not None:
            weighed.append((abs(part.amount), told))
    return _mean(weighed)


def rated(parts: Sequence[Part]) -> Decimal | None:
    """Return the share of the footprint's size of which technology, time and geography are all rated."""
    return _mean(
        [
            (abs(part.amount), ONE if all(part.ratings.get(aspect) is not None for aspect in ASPECTS) else ZERO)
            for part in parts
        ]
    )


def completeness(months: int) -> Decimal:
    """Return the rating of how long the data reach: a year is the best, so that no season is missing."""
    return next((Decimal(grade) for least, grade in _MONTHS if months >= least), Decimal(5))


def reliability(*, is_own: bool, is_estimated: bool, confidence: str | None) -> Decimal:
    """Return the rating of where a number comes from.

    1 measured here, 2 measured with gaps that were estimated, or a supplier's answer, 3 a published factor that was
    read at its source, 4 one from memory or from a copy.
    """
    if is_own:
        return Decimal(2) if is_estimated else Decimal(1)
    return Decimal(3) if confidence == "verified" else Decimal(4)


def pedigree_gsd2(ratings: Mapping[str, Decimal | None]) -> Decimal | None:
    """Return the squared geometric standard deviation of a factor by its ratings; None where one is not rated.

    A rating between two whole ones takes the variance between theirs.
    """
    variance = _BASIC
    for aspect, steps in _PEDIGREE.items():
        told = ratings.get(aspect)
        if told is None:
            return None
        place = min(max(float(told), 1.0), 5.0) - 1
        low = min(int(place), len(steps) - 2)
        variance += steps[low] + (steps[low + 1] - steps[low]) * (place - low)
    return Decimal(math.exp(2 * math.sqrt(variance))).quantize(Decimal("0.000001"))


def exempted(left_out: Decimal, taken: Decimal) -> Decimal | None:
    """Return the share of the mass that was left out; None where something was and no mass is known beside it."""
    if not left_out:
        return ZERO
    return left_out / (left_out + taken) if taken else None


def _mean(weighed: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    whole = sum((weight for weight, _ in weighed), ZERO)
    return sum((weight * value for weight, value in weighed), ZERO) / whole if whole else None
