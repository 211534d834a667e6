"""Industrial-internet identifiers (Handle, prefix 88): each once, and of something that is there and its issuer's."""

from lake.site.csv_file import CsvFile
from lake.site.fault import nearest


def check(files: dict[str, CsvFile]) -> None:
    """Check identifiers.csv beside the files that its subjects stand in."""
    file = files["identifiers"]
    if not file.table.num_rows:
        return
    _check_once(file)
    subjects = _subjects(files)
    cells = file.frame().select("row", "subject_kind", "subject_id", "organization_id").drop_nulls()
    for row, kind, subject, organization in cells.iter_rows():
        owners = subjects.get(kind)
        if owners is None:
            continue
        if subject not in owners:
            message = f"{subject!r} is no {kind} of the site{nearest(subject, owners)}, allowed: an id of its file"
            file.fault(row, "subject_id", message)
        elif organization not in owners[subject]:
            of = " or ".join(sorted(owners[subject]))
            file.fault(row, "organization_id", f"{organization!r} is not whose {kind} {subject!r} is, allowed: {of}")


def _check_once(file: CsvFile) -> None:
    """Handles are compared without regard to the case of ASCII letters."""
    seen: dict[str, tuple[int, str]] = {}
    for row, name in file.frame().select("row", "identifier").drop_nulls().iter_rows():
        first, spelt = seen.setdefault(fold(name), (row, name))
        if name != spelt:  # the very same is told by the file's key
            file.fault(row, "identifier", f"{name!r} is {spelt!r} of line {file.lines[first]}, each identifier once")


def fold(name: str) -> str:
    """Return a Handle as it is compared: ASCII letters in one case, all others as they are."""
    return "".join(letter.upper() if letter.isascii() else letter for letter in name)


def _subjects(files: dict[str, CsvFile]) -> dict[str, dict[str, set[str]]]:
    """Return by kind what can have an identifier, with the organisations that it belongs to."""
    units = files["energy_units"].frame().select("energy_unit_id", "organization_id").drop_nulls()
    units = units.unique("energy_unit_id", keep="first")
    meters = files["meters"].frame().select("meter_id", "energy_unit_id").join(units, on="energy_unit_id")
    found: dict[str, dict[str, set[str]]] = {"organization": {}, "meter": {}, "product": {}}
    for name in files["organizations"].frame()["organization_id"].drop_nulls():
        found["organization"][name] = {name}
    for name, owner in meters.select("meter_id", "organization_id").drop_nulls().iter_rows():
        found["meter"].setdefault(name, set()).add(owner)
    products = files["production"].frame().select("product_id", "organization_id").drop_nulls().unique()
    for name, owner in products.iter_rows():
        found["product"].setdefault(name, set()).add(owner)
    return found
