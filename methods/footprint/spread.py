"""How far a footprint may be off: what is known of its amounts and factors, drawn many times."""

from collections.abc import Mapping
from decimal import Decimal

from lake.errors import NengtanError
from methods.footprint import distributions, sample, tables
from methods.footprint.figures import QUANTUM, Footprint
from methods.footprint.inventory import Inventory, amount_parameter, factor_parameter

#: Draws of a year's figures; months have none, because they are read for their course and not for their claim.
DRAWS = 1_000
ENDS = (0.05, 0.95)
#: Up to this half width, as a share, an amount spreads evenly to both sides.
_NORMAL = 0.3


def intervals(found: Inventory, wanted: Mapping[str, Footprint], seed: int) -> dict[str, tuple[Decimal, Decimal]]:
    """Return by product the ends between which nine of ten draws of its footprint lie, per declared amount.

    seed: one for a site, so that one factor errs alike in each of its products and periods. A product of which nothing
    uncertain is known has no ends, nor has any where the system has no solution in a draw.
    """
    system = found.system
    known = _uncertainties(found)
    if system is None or not wanted or not known:
        return {}
    demands = [one.demand for one in wanted.values()]
    counted = [impact for impact in system.impacts if impact in tables.PARTS]
    try:
        drawn = sample.sample(system, known, draws=DRAWS, seed=seed, products=demands)
    except NengtanError:  # a draw in which a loop uses up all it makes: the uncertainties are wider than it bears
        return {}
    ends = drawn.quantiles(list(ENDS), impacts=counted)
    return {
        product: (_printed(low, one.amount), _printed(high, one.amount))
        for (product, one), (low, high) in zip(wanted.items(), ends.tolist(), strict=True)
        if any(part["is_uncertain"] for part in one.parts)
    }


def _uncertainties(found: Inventory) -> dict[str, distributions.Uncertainty]:
    known: dict[str, distributions.Uncertainty] = {}
    for row in found.rows:
        amount, factor = amount_parameter(row), factor_parameter(row)
        if amount:
            known[amount] = _of_amount(float(row["amount_u95_ratio"]))
        if factor:
            known[factor] = distributions.lognormal_gsd2(float(row["factor_gsd2"]))
    return known


def _printed(value: float, amount: Decimal) -> Decimal:
    return (Decimal(value) * amount).quantize(QUANTUM)


def _of_amount(ratio: float) -> distributions.Uncertainty:
    """Return the spread of a 95 % half width: normal, lognormal where that would reach zero (traces of a gas)."""
    return distributions.normal_u95(ratio) if ratio <= _NORMAL else distributions.lognormal_gsd2(1 + ratio)
