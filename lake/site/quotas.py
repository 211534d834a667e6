"""What quota_rules.csv has to say: a power unit its class, an output, and who approved the site's own numbers."""

from collections.abc import Iterator
from typing import Any

from lake.site.csv_file import CsvFile
from lake.units import units

Cells = dict[str, Any]
Faults = Iterator[tuple[str, str]]

_OWN = ("benchmark", "benchmark_factor", "fixed_t")
_OF_POWER = ("unit_class", "cooling", "turbine", "load_ratio", "heat_ratio", "heat_points")


def check(files: dict[str, CsvFile]) -> None:
    """Check quota_rules.csv beside the units and points that it names."""
    file = files["quota_rules"]
    owners = dict(files["energy_units"].frame().select("energy_unit_id", "organization_id").iter_rows())
    known = set(files["points"].frame()["point_id"].to_list())
    for cells in file.frame().to_dicts():
        faults = [*_years(cells), *_unit(cells, owners), *_rule(cells), *_output(cells, known), *_approval(cells)]
        for column, message in faults:
            file.fault(cells["row"], column, message)


def _years(cells: Cells) -> Faults:
    first, last = cells["year_from"], cells["year_to"]
    if first is not None and last is not None and last < first:
        yield "year_to", f"is {last}, allowed: {first} or later, or empty"


def _unit(cells: Cells, owners: dict[str, str]) -> Faults:
    unit, owner = cells["energy_unit_id"], cells["organization_id"]
    if unit is not None and owners.get(unit, owner) != owner:
        yield "energy_unit_id", f"{unit!r} belongs to {owners[unit]!r}, allowed: a unit of {owner!r}"


def _rule(cells: Cells) -> Faults:
    sector, rule = cells["sector"], cells["rule"]
    if sector == "power" and rule == "published" and cells["unit_class"] is None:
        yield "unit_class", "is missing, the benchmarks of power units go by class"
    for column in _OF_POWER:
        if sector != "power" and cells[column] is not None:
            yield column, f"is given for sector {sector!r}, allowed: with power"
    if sector == "other" and rule == "published":
        yield "rule", "'published' has no plan for sector 'other', allowed: own or verified"
    if rule == "own" and cells["benchmark"] is None and cells["fixed_t"] is None:
        yield "benchmark", "is missing and so is fixed_t, a rule of one's own has one of them"


def _output(cells: Cells, known: set[str]) -> Faults:
    if (cells["output_points"] is None) == (cells["product_id"] is None):
        yield "product_id", "an output is told by points or by a product, exactly one of them"
    if cells["sector"] == "power" and cells["output_unit"] in units() and cells["output_unit"] != "MWh":
        yield "output_unit", f"is {cells['output_unit']!r}, allowed: MWh of power"
    for column in ("output_points", "heat_points"):
        for point in filter(None, (part.strip() for part in (cells[column] or "").split(";"))):
            if point not in known:
                yield column, f"{point!r} is not in points.csv, allowed: a point_id"


def _approval(cells: Cells) -> Faults:
    told = [column for column in _OWN if cells[column] is not None]
    for column in ("approved_by", "approved_on"):
        if told and cells[column] is None:
            yield column, f"is missing, {told[0]} of the site's own is approved by somebody on a day"
