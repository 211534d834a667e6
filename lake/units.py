"""The units of the house as values: read from units.yaml, converted exactly, compared by dimension."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pyarrow as pa

from lake import pages
from lake.errors import NengtanError

UNITS_FILE = Path(__file__).with_name("units.yaml")

#: Decimal places of a published conversion; the exact fraction stays in units.yaml.
PLACES = Decimal("1e-12")

UNITS_SCHEMA = pa.schema(
    [
        pa.field("unit", pa.string(), nullable=False),
        pa.field("dimension", pa.string(), nullable=False),
        pa.field("canonical_unit", pa.string(), nullable=False),
        pa.field("factor_to_canonical", pa.decimal128(28, 12), nullable=False),
        pa.field("name_zh", pa.string(), nullable=False),
        pa.field("name_en", pa.string(), nullable=False),
        pa.field("suffix", pa.string()),
    ]
)

CONVERSIONS_SCHEMA = pa.schema(
    [
        pa.field("from_unit", pa.string(), nullable=False),
        pa.field("to_unit", pa.string(), nullable=False),
        pa.field("factor", pa.decimal128(28, 12), nullable=False),
    ]
)


@dataclass(frozen=True)
class Unit:
    """One unit; `factor` is what one of it is in the canonical unit of its dimension."""

    name: str
    dimension: str
    factor: Fraction
    zh: str
    en: str
    suffix: str | None
    pint: str


@cache
def units() -> dict[str, Unit]:
    """Return every unit by name, in the order of units.yaml."""
    document = pages.page(UNITS_FILE)
    return {
        name: Unit(
            name=name,
            dimension=entry["dimension"],
            factor=_fraction(entry["factor"]),
            zh=entry["zh"],
            en=entry["en"],
            suffix=entry.get("suffix"),
            pint=entry.get("pint", name),
        )
        for name, entry in document["units"].items()
    }


@cache
def canonical() -> dict[str, str]:
    """Return the canonical unit of each dimension: the one whose factor is 1."""
    found: dict[str, str] = {}
    for unit in units().values():
        if unit.factor == 1:
            found.setdefault(unit.dimension, unit.name)
    return found


def conversion(from_unit: str, to_unit: str) -> Fraction:
    """Return what one `from_unit` is in `to_unit`, exactly.

    Raises NengtanError for an unknown unit or two units of different dimension.
    """
    table = units()
    for name in (from_unit, to_unit):
        if name not in table:
            raise NengtanError(f"unit '{name}' is not in lake/units.yaml; use one of its names")
    source, target = table[from_unit], table[to_unit]
    if source.dimension != target.dimension:
        raise NengtanError(
            f"{from_unit} ({source.dimension}) does not convert into {to_unit} ({target.dimension}); "
            "name a unit of the same dimension"
        )
    return source.factor / target.factor


def units_table() -> pa.Table:
    """Return the units as the reference table `units`."""
    first = canonical()
    rows = [
        {
            "unit": unit.name,
            "dimension": unit.dimension,
            "canonical_unit": first.get(unit.dimension, unit.name),
            "factor_to_canonical": _decimal(unit.factor),
            "name_zh": unit.zh,
            "name_en": unit.en,
            "suffix": unit.suffix,
        }
        for unit in units().values()
    ]
    return pa.Table.from_pylist(rows, schema=UNITS_SCHEMA)


def conversions_table() -> pa.Table:
    """Return every pair of units of one dimension with its factor, so that SQL multiplies and never divides.

    A gas counted at either reference state converts one to one into the cubic metre that a document prints.
    """
    every = list(units().values())
    rows = [
        {"from_unit": a.name, "to_unit": b.name, "factor": _decimal(a.factor / b.factor)}
        for a in every
        for b in every
        if a.dimension == b.dimension
    ]
    rows += [
        {"from_unit": a.name, "to_unit": b.name, "factor": _decimal(1 / b.factor)}
        for a in every
        for b in every
        if a.dimension == "gas" and b.dimension == "gas_printed"
    ]
    return pa.Table.from_pylist(rows, schema=CONVERSIONS_SCHEMA)


def _fraction(text: str) -> Fraction:
    numerator, _, denominator = text.partition("/")
    return Fraction(numerator) / (Fraction(denominator) if denominator else 1)


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(PLACES, ROUND_HALF_UP)
