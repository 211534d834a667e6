"""Parts as decimals that add up: a published footprint is the sum of its printed parts, to the last digit."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

#: What contributions are printed to, in the unit of the impact.
QUANTUM = Decimal("0.000000001")
#: Wide enough for every sum of doubles that anybody prints.
_WIDE = Context(prec=80)


def quantised(parts: Sequence[float], quantum: Decimal = QUANTUM, total: Decimal | None = None) -> list[Decimal]:
    """Return the parts as multiples of the quantum that add up to their rounded sum, or to the total that is told.

    By the largest remainder: each is rounded down, and what is missing goes, a quantum each, to those that lost most;
    the first of equals wins. A part of zero stays zero while any other is not. No part is off by a quantum or more
    where the total is the rounded sum.
    """
    exact = [Decimal(part) for part in parts]
    if total is None:
        total = rounded(parts, quantum)
    down = [part.quantize(quantum, ROUND_FLOOR, _WIDE) for part in exact]
    missing = int(_WIDE.divide(_WIDE.subtract(total, summed(down)), quantum))
    takers = [place for place, part in enumerate(exact) if part] or list(range(len(exact)))
    if not takers:
        return []
    takers.sort(key=lambda place: _WIDE.subtract(down[place], exact[place]))
    every, over = divmod(missing, len(takers))
    for turn, place in enumerate(takers):
        down[place] = _WIDE.add(down[place], _WIDE.multiply(quantum, Decimal(every + (turn < over))))
    return down


def rounded(parts: Sequence[float], quantum: Decimal = QUANTUM) -> Decimal:
    """Return the sum of the parts, added as decimals (eighty digits) and rounded once, half to even."""
    return summed([Decimal(part) for part in parts]).quantize(quantum, ROUND_HALF_EVEN, _WIDE)


def summed(parts: Sequence[Decimal]) -> Decimal:
    """Return the exact sum of decimals, however many digits that takes."""
    total = Decimal(0)
    for part in parts:
        total = _WIDE.add(total, part)
    return total
