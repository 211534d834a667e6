"""Dimensions of factor units: tCO2/10^4Nm3 and kgCO2/m3_20c are the same, kgCO2e/kWh and kgCO2/kWh are not."""

import re
from decimal import Decimal
from functools import cache
from typing import Any

import pint

from lake.errors import NengtanError
from lake.units import units

#: What the house counts apart from physics: a tonne of CO2 is neither a tonne of coal nor one of CO2 equivalent.
_BASES = {
    "tonne_ce": "standard_coal",
    "kilogram_oe": "standard_oil",
    "tonne_co2": "co2",
    "tonne_co2e": "co2e",
    "tonne_carbon": "carbon",
    "tonne_of_species": "species",
    "gas_cubic_metre": "gas",
    "actual_cubic_metre": "gas_actual",
    "kVA_reactive": "reactive_power",
    "kVA_apparent": "apparent_power",
    "yuan": "money",
    "piece": "number",
}

#: A mass of a named substance (tCH4, kgN2O, kgCOD) is neither a mass of goods nor CO2.
_SPECIES = re.compile(r"(t|kg|g|mg)(CH4|N2O|CF4|C2F6|HFC23|SF6|COD)")
_TONNES = {"t": "1", "kg": "1e-3", "g": "1e-6", "mg": "1e-9"}
_POWER = re.compile(r"(10\^\d+)(.+)")


@cache
def registry() -> "pint.UnitRegistry[Any]":
    """Return pint's units with the house's own bases added."""
    made: pint.UnitRegistry[Any] = pint.UnitRegistry()
    for unit, base in _BASES.items():
        made.define(f"{unit} = [{base}]")
    return made


@cache
def quantity(unit: str) -> "pint.Quantity[Any]":
    """Return one `unit` (names of lake/units.yaml, divided by `/`) as a pint quantity.

    Raises NengtanError where a part is neither a unit of the house nor a mass of a known substance.
    """
    first, *rest = [registry()(_expression(part)) for part in unit.split("/")]
    made: pint.Quantity[Any] = first * registry()("dimensionless")
    for part in rest:
        made = made / part
    return made


@cache
def same_dimension(unit: str, other: str) -> bool:
    """Say whether two units measure the same thing, whatever their powers of ten."""
    return bool(quantity(unit).dimensionality == quantity(other).dimensionality)


def conversion(unit: str, other: str) -> Decimal | None:
    """Return what one `unit` is in `other`; None where they measure different things."""
    if not same_dimension(unit, other):
        return None
    ratio = (quantity(unit) / quantity(other)).to("dimensionless").magnitude
    return Decimal(f"{ratio:.12g}")


def _expression(name: str) -> str:
    known = units().get(name)
    if known is not None:
        return known.pint
    species = _SPECIES.fullmatch(name)
    if species:
        return f"{_TONNES[species[1]]} * tonne_of_species"
    power = _POWER.fullmatch(name)
    if power and power[2] in units():
        return f"{power[1].replace('^', '**')} * ({units()[power[2]].pint})"
    raise NengtanError(f"unit '{name}' is not in lake/units.yaml; use one of its names")
