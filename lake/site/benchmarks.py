"""What benchmark_subjects.csv, benchmark_boundaries.csv and targets.csv have to agree on beyond their own cells."""

from lake.site.csv_file import CsvFile
from lake.units import units

#: What the energy of a product or process may be told in.
ENERGY_UNITS = ("kgce", "gce", "tce", "kWh")


def check(files: dict[str, CsvFile]) -> None:
    """Check the units, the inputs, the devices and the outputs of the subjects, and what targets are about."""
    _check_subjects(files["benchmark_subjects"])
    _check_boundaries(files["benchmark_boundaries"])
    _check_targets(files["targets"])


def inputs_of(text: str | None) -> dict[str, str]:
    """Return the inputs `name=value;name=value` by name; raises ValueError where a part is none."""
    found = {}
    for part in filter(None, (text or "").split(";")):
        name, mark, value = part.partition("=")
        if not (mark and name.strip() and value.strip()):
            raise ValueError(part)
        found[name.strip()] = value.strip()
    return found


def _check_subjects(file: CsvFile) -> None:
    rows = file.frame().select("row", "subject_kind", "unit", "equipment_id", "inputs")
    for row, kind, unit, equipment, inputs in rows.iter_rows():
        if kind == "equipment" and equipment is None:
            file.fault(row, "equipment_id", "is empty, a subject of kind equipment names its device of equipment.csv")
        if kind in ("product", "process") and unit is not None and not _is_indicator(unit):
            allowed = ", ".join(f"{energy}/…" for energy in ENERGY_UNITS)
            file.fault(row, "unit", f"{unit!r} is no energy per output, allowed: {allowed} with a unit of the house")
        try:
            inputs_of(inputs)
        except ValueError as fault:
            file.fault(row, "inputs", f"{fault.args[0]!r} is no input, allowed: name=value;name=value")


def _is_indicator(unit: str) -> bool:
    energy, mark, output = unit.partition("/")
    return bool(mark) and energy in ENERGY_UNITS and output in units()


def _check_boundaries(file: CsvFile) -> None:
    rows = file.frame().select("row", "side", "energy_unit_id", "product_id", "point_id", "from_subject")
    for row, side, unit, product, point, upstream in rows.iter_rows():
        if side == "energy" and (unit is None) == (upstream is None):
            file.fault(row, "energy_unit_id", "energy is that of a unit or of another subject, exactly one of them")
        if side == "output" and (product is None) == (point is None):
            file.fault(row, "product_id", "an output is a product or a point, exactly one of them")


def _check_targets(file: CsvFile) -> None:
    rows = file.frame().select("row", "indicator", "basis", "product_id")
    for row, indicator, basis, product in rows.iter_rows():
        if (indicator == "intensity") != (basis is not None):
            file.fault(row, "basis", "an intensity has a basis and nothing else has one")
        elif (basis == "product") != (product is not None):
            file.fault(row, "product_id", "an intensity per product names its product and nothing else does")
