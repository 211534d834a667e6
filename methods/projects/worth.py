"""What a project is worth: present value, payback, and the cost of a tonne that it avoids, levelised over its life.

The levelised cost of abatement is the yearly cost (investment x capital recovery factor + yearly cost − yearly saving)
by the tonnes avoided in a year, as marginal abatement cost curves use it: A. Vogt-Schilb and S. Hallegatte, Energy
Policy 66 (2014) 645-653. The capital recovery factor is that of NIST Handbook 135 (uniform capital recovery).
"""

from decimal import Decimal

_ONE = Decimal(1)


def annuity(discount_ratio: Decimal, years: Decimal) -> Decimal:
    """Return the present value of one a year, paid at the end of each of `years`; `discount_ratio` is above −1."""
    if discount_ratio == 0:
        return years
    return (_ONE - (_ONE + discount_ratio) ** -years) / discount_ratio


def present_value(investment: Decimal, yearly: Decimal, discount_ratio: Decimal, years: Decimal) -> Decimal:
    """Return the net present value of an investment today that brings `yearly` (net, same money) for some years."""
    return yearly * annuity(discount_ratio, years) - investment


def payback(investment: Decimal, yearly: Decimal) -> Decimal | None:
    """Return the years after which the investment is back, without interest; None where it never is."""
    return investment / yearly if yearly > 0 else None


def abatement_cost(value: Decimal, avoided: Decimal, discount_ratio: Decimal, years: Decimal) -> Decimal | None:
    """Return the money a tonne costs, from the net present value and the tonnes avoided in a year.

    Below zero it earns money. None where nothing is avoided: a cost by a tonne that is added says nothing.
    """
    return -value / (avoided * annuity(discount_ratio, years)) if avoided > 0 else None
