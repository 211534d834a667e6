"""Why a footprint differs from that of a year before: additive LMDI over what stands behind each contribution.

A contribution is what the product needs of a process's product x what of that process's burden it carries per unit
(allocation) x what the process took of the exchange per unit of its main output x emissions per unit of the exchange.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from methods.drivers import lmdi
from methods.drivers.lmdi import Factor, Term

ZERO = Decimal(0)
_USE = {
    "electricity": "electricity_use",
    "energy": "fuel_use",
    "process_emission": "process_emissions",
    "material": "material_use",
    "transport": "transport",
    "packaging": "packaging",
}
_FACTOR = {"electricity": "electricity_factor", "supplier": "supplier_footprint", "secondary": "secondary_factor"}


@dataclass(frozen=True)
class Piece:
    """One exchange of a process as one of its products owes it to the footprint, per declared unit.

    needed: of the process's product. carried: share of the process's burden per unit of that product, times its main
    output. used: of the exchange per main output. emitted: kgCO2e per unit of the exchange.
    """

    kind: str
    provider_kind: str
    needed: Decimal
    carried: Decimal
    used: Decimal
    emitted: Decimal

    @property
    def amount(self) -> Decimal:
        """What it adds to the footprint."""
        return self.needed * self.carried * self.used * self.emitted


Pieces = Mapping[tuple[str, ...], Piece]


def effects(before: Pieces, after: Pieces, change: Decimal) -> dict[str, Decimal]:
    """Return what each effect did to a footprint, in the digits of the change, which they add up to.

    A piece that stands on one side alone is of the effect of its kind.
    """
    found = lmdi.effects([_term(before.get(key), after.get(key)) for key in sorted({*before, *after})])
    if not found and not change:
        return {}
    rounded_away = change - sum(found.values(), ZERO)
    largest = max(found, key=lambda effect: (abs(found[effect]), effect)) if found else "other"
    found[largest] = found.get(largest, ZERO) + rounded_away
    return lmdi.printed(found, change)


def _term(before: Piece | None, after: Piece | None) -> Term:
    one = after or before
    assert one is not None, "a key of either side"
    use = _USE.get(one.kind, "other")
    if before is None or after is None:
        return Term(before.amount if before else ZERO, after.amount if after else ZERO, (), use)
    factors = (
        Factor("material_use", before.needed, after.needed),
        Factor("allocation", before.carried, after.carried),
        Factor(use, before.used, after.used),
        Factor(_factor(one), before.emitted, after.emitted),
    )
    return Term(before.amount, after.amount, factors, use)


def _factor(piece: Piece) -> str:
    if piece.kind == "electricity":
        return "electricity_factor"
    return _FACTOR.get(piece.provider_kind, _USE.get(piece.kind, "other"))
