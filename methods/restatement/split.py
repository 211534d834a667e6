"""How much of a change of activity each cause moved."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from methods.restatement.causes import ORDER, Part

_DIGIT = Decimal("0.000001")
#: Parts whose sum is so many times smaller than they are say nothing of how they would share something else.
_CANCELLED = 10


def of(change: Decimal, told: Mapping[str, Part], rest: str, *, takes_rest: bool = False) -> dict[str, Part]:
    """Return the parts of a change of activity; they add up to it.

    `told` is what each cause moved of what the activity is made of. It is taken as it is where it adds up to the
    change, also with the other sign (what is sold is taken off). Else the causes share the change in proportion, or,
    with `takes_rest` and where they mostly cancel each other, what they do not explain goes to the cause `rest`.
    """
    known = {cause: part for cause, part in told.items() if part.change}
    total = sum((part.change for part in known.values()), Decimal(0))
    if total == change:
        return known
    if known and total == -change:
        return {cause: _with(part, -part.change) for cause, part in known.items()}
    if takes_rest or abs(total) * _CANCELLED <= sum((abs(part.change) for part in known.values()), Decimal(0)):
        left = Part(change - total)
        return {**known, rest: known.get(rest, Part()) + left}
    return _shared(change, known, total)


def scaled(told: Mapping[str, Part], by: Decimal) -> dict[str, Part]:
    """Return what was moved in another unit."""
    return {cause: _with(part, (part.change * by).quantize(_DIGIT, ROUND_HALF_UP)) for cause, part in told.items()}


def _shared(change: Decimal, known: Mapping[str, Part], total: Decimal) -> dict[str, Part]:
    """Share a change in proportion; the largest part takes what rounding leaves."""
    found = {
        cause: _with(part, (change * part.change / total).quantize(_DIGIT, ROUND_HALF_UP))
        for cause, part in known.items()
    }
    left = change - sum((part.change for part in found.values()), Decimal(0))
    largest = max(found, key=lambda cause: (abs(found[cause].change), -ORDER.index(cause)))
    found[largest] = _with(found[largest], found[largest].change + left)
    return found


def _with(part: Part, change: Decimal) -> Part:
    return Part(change, part.interaction, part.subjects, part.rows)
