"""Budgets: what they are of, in a unit of that, from the first day of a month, approved by somebody on a day."""

from lake.site.csv_file import CsvFile
from lake.units import units

#: The dimension that the unit of a budget has; a carrier's own shows when it is compared.
_DIMENSIONS = {
    "energy_calorific": "standard_coal",
    "energy_equivalent": "standard_coal",
    "cost": "money",
    "emissions_statutory": "co2e",
    "emissions_location": "co2e",
    "emissions_market": "co2e",
}
_AMOUNTS = ("energy", "mass", "volume", "gas", "gas_actual", "gas_printed")


def check(files: dict[str, CsvFile]) -> None:
    """Check budgets.csv beside the units that it is about."""
    file = files["budgets"]
    if not file.table.num_rows:
        return
    _check_units(file, files["energy_units"])
    _check_measures(file)
    rows = file.frame().select("row", "valid_from", "approved_by", "approved_on")
    for row, begins, by, on in rows.iter_rows():
        if begins is not None and begins.day != 1:
            file.fault(row, "valid_from", f"{begins} is not the first day of a month, allowed: {begins.replace(day=1)}")
        if (by is None) != (on is None):
            column = "approved_by" if by is None else "approved_on"
            file.fault(row, column, "is missing, allowed: both who approved it and when, or neither for a draft")


def _check_units(file: CsvFile, units_file: CsvFile) -> None:
    """A unit belongs to the entity of its row; emissions are accounted by entity."""
    rows = units_file.frame().select("energy_unit_id", "organization_id", "parent_id")
    owners = {unit: (owner, parent) for unit, owner, parent in rows.iter_rows()}
    cells = file.frame().select("row", "organization_id", "energy_unit_id", "measure").drop_nulls()
    for row, organization, unit, measure in cells.iter_rows():
        owner, parent = owners.get(unit, (organization, None))
        if owner != organization:
            file.fault(row, "energy_unit_id", f"{unit!r} belongs to {owner!r}, allowed: a unit of {organization!r}")
        elif parent is not None and measure.startswith("emissions"):
            message = f"{unit!r} has no emissions of its own, they are accounted by entity, allowed: empty"
            file.fault(row, "energy_unit_id", message)


def _check_measures(file: CsvFile) -> None:
    """The unit is one of what is budgeted, and a carrier is named where it is a carrier."""
    known = units()
    for row, measure, carrier, unit in file.frame().select("row", "measure", "carrier", "unit").iter_rows():
        if (measure == "carrier") != (carrier is not None):
            word = (
                "is missing, allowed: the carrier"
                if carrier is None
                else f"{carrier!r} has no place here, allowed: empty"
            )
            file.fault(row, "carrier", f"{word} for measure {measure!r}")
        if carrier is not None and carrier.startswith("electricity_"):
            message = f"{carrier!r} has no budget of its own, allowed: electricity, which is that of every origin"
            file.fault(row, "carrier", message)
        wanted = (_DIMENSIONS[measure],) if measure in _DIMENSIONS else _AMOUNTS
        if unit in known and known[unit].dimension not in wanted:
            message = f"{unit!r} is no unit of {measure!r}, allowed: one of {' or '.join(wanted)}"
            file.fault(row, "unit", message)
