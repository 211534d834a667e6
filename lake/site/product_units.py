"""Units and masses of what passes between processes."""

from collections.abc import Mapping
from typing import Any

from lake.site.csv_file import CsvFile
from lake.units import units

Row = dict[str, Any]
Rows = Mapping[str, Row]


def has_mass(row: Row, product: Row | None) -> bool:
    """Say whether the mass of an exchange can be told."""
    if row["mass_per_unit_kg"] is not None or dimension(row["unit"]) == "mass":
        return True
    return product is not None and product["mass_per_declared_unit_kg"] is not None


def dimension(unit: str | None) -> str | None:
    """Return the dimension of a unit of the house; None for a word that is none."""
    return units()[unit].dimension if unit in units() else None


def convertible(file: CsvFile, row: Row, unit: str | None, what: str) -> None:
    """Note an exchange whose unit does not convert into that of what it is about."""
    mine, other = dimension(row["unit"]), dimension(unit)
    if mine and other and mine != other:
        file.fault(row["row"], "unit", f"{row['unit']!r} does not convert into {unit!r} of {what!r}, allowed: its unit")
