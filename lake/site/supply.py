"""supplier_materials.csv and supplier_footprints.csv: shares of one whole, dates in order, sums that hold, units."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from lake.site.csv_file import CsvFile
from lake.site.fault import nearest
from lake.units import units

#: What a footprint without biogenic uptake is the sum of (PACT technical specifications 3.0, carbon footprint).
PARTS = (
    "fossil_kgco2e",
    "land_use_change_kgco2e",
    "land_management_kgco2e",
    "land_management_removals_kgco2e",
    "biogenic_non_co2_kgco2e",
    "technological_removals_kgco2e",
    "capture_kgco2e",
)
#: How far a told sum may be from its parts: others round each of them.
_ROUNDED = Decimal("0.001")
_FIRST, _LAST = date.min, date.max


def check(files: dict[str, CsvFile]) -> None:
    """Check both files beside the suppliers that they name."""
    suppliers, materials = files["suppliers"], files["supplier_materials"]
    if materials.table.num_rows:
        _check_buyers(materials, suppliers)
        _check_asked(materials)
        _check_shares(materials)
    if files["supplier_footprints"].table.num_rows:
        check_footprints(files["supplier_footprints"], materials)
        _check_ids(files["supplier_footprints"])


def _check_buyers(file: CsvFile, suppliers: CsvFile) -> None:
    """A supplier of one legal entity gives nothing to another."""
    buyers = dict(suppliers.frame().select("supplier_id", "organization_id").iter_rows())
    for row, supplier, buyer in file.frame().select("row", "supplier_id", "organization_id").iter_rows():
        owner = buyers.get(supplier)
        if owner is not None and buyer is not None and owner != buyer:
            file.fault(row, "organization_id", f"{supplier!r} is a supplier of {owner!r}, allowed: {owner}")


def _check_asked(file: CsvFile) -> None:
    for row, asked, due in file.frame().select("row", "asked_on", "due_on").iter_rows():
        if due is not None and asked is None:
            file.fault(row, "asked_on", "is empty, due_on is given: say when it was asked")
        elif due is not None and due < asked:
            file.fault(row, "due_on", f"{due} is before asked_on {asked}, allowed: a later day")


def _check_shares(file: CsvFile) -> None:
    """The suppliers of one material share no more than the whole of it at any time."""
    rows = file.frame().with_columns(
        begins=pl.col("valid_from").fill_null(_FIRST), ends=pl.col("valid_to").fill_null(_LAST)
    )
    for (_, material), group in rows.group_by("organization_id", "material", maintain_order=True):
        for row, begins in group.select("row", "begins").iter_rows():
            at_once = group.filter((pl.col("begins") <= begins) & (pl.col("ends") > begins) & (pl.col("row") <= row))
            total = sum(at_once["share"].drop_nulls().to_list(), Decimal(0))
            if at_once.height > 1 and total > 1:
                message = f"makes {total.normalize():f} of {material!r} with the lines before, allowed: 1 in all"
                file.fault(row, "share", message)


def check_footprints(file: CsvFile, materials: CsvFile) -> None:
    """Check what each answer says by itself, and that its material is one that the supplier gives."""
    told = materials.frame().select("supplier_id", "material", "organization_id", "unit")
    given = {row[:3]: row[3] for row in told.iter_rows()}
    for row in file.frame().iter_rows(named=True):
        named = (row["supplier_id"], row["material"], row["organization_id"])
        if None not in named and named not in given:
            words = [material for supplier, material, buyer in given if (supplier, buyer) == (named[0], named[2])]
            message = f"{named[1]!r} is not what {named[0]!r} gives {named[2]!r}{nearest(named[1], words)}"
            file.fault(row["row"], "material", f"{message}, allowed: a line of supplier_materials.csv")
        _check_unit(file, row, given.get(named))
        _check_value(file, row)
        _check_dates(file, row)


def _check_unit(file: CsvFile, row: Mapping[str, Any], bought_in: str | None) -> None:
    """A declared unit is one that what is bought can be counted in."""
    known, unit = units(), row["declared_unit"]
    if unit in known and bought_in in known and known[unit].dimension != known[bought_in].dimension:
        message = f"{unit!r} does not convert into {bought_in!r} of supplier_materials.csv, allowed: a unit that does"
        file.fault(row["row"], "declared_unit", message)


def _check_value(file: CsvFile, row: Mapping[str, Any]) -> None:
    """A footprint is the sum of its parts, and what was declined has none."""
    value = row["footprint_kgco2e"]
    if row["status"] == "rejected":
        if value is not None:
            file.fault(row["row"], "footprint_kgco2e", "is given, but the supplier declined (status), leave it empty")
        return
    if value is None:
        file.fault(row["row"], "footprint_kgco2e", "is empty, an answer needs it")
        return
    parts = [row[name] for name in PARTS]
    if row["fossil_kgco2e"] is not None:
        _check_sum(file, row, "footprint_kgco2e", [part for part in parts if part is not None])
    elif any(part is not None for part in parts):
        file.fault(row["row"], "fossil_kgco2e", "is empty, the other parts are given: say the fossil one, too")
    if row["footprint_including_uptake_kgco2e"] is not None and row["biogenic_uptake_kgco2e"] is not None:
        _check_sum(file, row, "footprint_including_uptake_kgco2e", [value, row["biogenic_uptake_kgco2e"]])
    for part, whole in (("aircraft_kgco2e", "fossil_kgco2e"), ("packaging_kgco2e", "footprint_kgco2e")):
        if row[part] is not None and row[whole] is not None and row[part] > row[whole]:
            file.fault(row["row"], part, f"{row[part].normalize():f} is more than {whole}, of which it is a part")


def _check_sum(file: CsvFile, row: Mapping[str, Any], column: str, parts: list[Decimal]) -> None:
    total, value = sum(parts, Decimal(0)), row[column]
    if abs(total - value) > max(_ROUNDED, abs(total) * _ROUNDED):
        message = f"{value.normalize():f} is not the sum of its parts, allowed: {total.normalize():f}"
        file.fault(row["row"], column, message)


def _check_dates(file: CsvFile, row: Mapping[str, Any]) -> None:
    begins, ends, until = row["reference_from"], row["reference_to"], row["valid_to"]
    if begins is not None and ends is not None and ends <= begins:
        file.fault(row["row"], "reference_to", f"{ends} is not after reference_from {begins}, allowed: a later day")
    if begins is not None and until is not None and until <= begins:
        file.fault(row["row"], "valid_to", f"{until} is not after reference_from {begins}, allowed: a later day")


def _check_ids(file: CsvFile) -> None:
    rows = file.frame().with_columns(first=pl.col("row").first().over("supplier_footprint_id"))
    columns = ("row", "first", "supplier_footprint_id")
    for row, first, name in rows.filter(pl.col("row") != pl.col("first")).select(columns).iter_rows():
        file.fault(row, "supplier_footprint_id", f"{name!r} repeats line {file.lines[first]}, each id once")
