"""The data-quality control plan: what a row has to say by its kind, whole months, instruments that there are."""

from lake.site.csv_file import CsvFile

_BY_INSTRUMENT = ("meter", "system")


def check(files: dict[str, CsvFile]) -> None:
    """Check data_plan.csv beside the units and points that it names."""
    file = files["data_plan"]
    if not file.table.num_rows:
        return
    _check_kinds(file)
    _check_instruments(file, set(files["points"].frame()["point_id"]))
    _check_units(file, files["energy_units"])
    for column in ("valid_from", "valid_to"):
        for row, day in file.frame().select("row", column).drop_nulls().iter_rows():
            if day.day != 1:
                message = f"{day} is not the first day of a month, allowed: {day.replace(day=1)}"
                file.fault(row, column, message)
    for row, by, on in file.frame().select("row", "approved_by", "approved_on").iter_rows():
        if (by is None) != (on is None):
            column = "approved_by" if by is None else "approved_on"
            file.fault(row, column, "is missing, allowed: both who approved it and when, or neither")


def _check_kinds(file: CsvFile) -> None:
    """A property names itself; only a property comes from a laboratory."""
    for row, kind, named, source in file.frame().select("row", "kind", "property", "source").iter_rows():
        if (kind == "property") != (named is not None):
            said = f"{named!r} has no place here, allowed: empty" if named else "is missing, allowed: the property"
            file.fault(row, "property", f"{said} for kind {kind!r}")
        if source == "lab" and kind != "property":
            file.fault(row, "source", f"a laboratory does not tell a {kind}, allowed: a property of a material")


def _check_instruments(file: CsvFile, points: set[str]) -> None:
    """What is measured is measured by points of the site, and nothing else names any."""
    for row, source, told in file.frame().select("row", "source", "instruments").iter_rows():
        if source in _BY_INSTRUMENT and told is None:
            file.fault(row, "instruments", f"is missing, allowed: the points that measure it, for source {source!r}")
        if source not in _BY_INSTRUMENT and told is not None:
            file.fault(row, "instruments", f"{told!r} has no place here, allowed: empty for source {source!r}")
        for point in instruments(told):
            if point not in points:
                file.fault(row, "instruments", f"{point!r} is not in points.csv")


def _check_units(file: CsvFile, units_file: CsvFile) -> None:
    """A unit belongs to the entity of its row."""
    owners = dict(units_file.frame().select("energy_unit_id", "organization_id").iter_rows())
    cells = file.frame().select("row", "organization_id", "energy_unit_id").drop_nulls()
    for row, organization, unit in cells.iter_rows():
        if owners.get(unit, organization) != organization:
            message = f"{unit!r} belongs to {owners[unit]!r}, allowed: a unit of {organization!r}"
            file.fault(row, "energy_unit_id", message)


def instruments(told: str | None) -> list[str]:
    """Return the points of a list that semicolons separate."""
    return [part.strip() for part in (told or "").split(";") if part.strip()]
