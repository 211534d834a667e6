"""Units of a declared unit: the house's, and those that PACT knows.

A unit that PACT does not know is told in the one of its dimension that it does: a footprint per tonne becomes one per
kilogram, as the specification asks of bulk goods (amount 1 of the unit, never the quantity that was delivered). Only
the figures change, by an exact decimal factor; the amount stays.
"""

from decimal import Decimal

#: The house's unit: PACT's unit and how many of it one is.
PACT = {
    "kg": ("kilogram", Decimal(1)),
    "t": ("kilogram", Decimal(1000)),
    "g": ("kilogram", Decimal("0.001")),
    "L": ("liter", Decimal(1)),
    "m3": ("cubic meter", Decimal(1)),
    "kWh": ("kilowatt hour", Decimal(1)),
    "MWh": ("kilowatt hour", Decimal(1000)),
    "MJ": ("megajoule", Decimal(1)),
    "GJ": ("megajoule", Decimal(1000)),
    "tkm": ("ton kilometer", Decimal(1)),
    "m2": ("square meter", Decimal(1)),
    "count": ("piece", Decimal(1)),
    "h": ("hour", Decimal(1)),
}
#: PACT's unit: the house's one of the same size.
HOUSE = {wire: own for own, (wire, size) in PACT.items() if size == 1}


def mass_kg(unit: str, amount: Decimal) -> Decimal | None:
    """Return the mass of a declared unit that is a mass itself; None for any other."""
    wire, size = PACT.get(unit, ("", Decimal(0)))
    return amount * size if wire == "kilogram" else None
