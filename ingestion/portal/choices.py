"""What a cell offers to choose from: the organisation's units and points, the words of a list, what was used before."""

from collections.abc import Collection

import polars as pl

from ingestion.portal.checking import visible
from ingestion.portal.kinds import Kind
from ingestion.portal.web import Visit
from lake.site.csv_file import CsvFile

#: Units of measure that people enter in; any other of lake/units.yaml may be typed.
_UNITS = [
    "t",
    "kg",
    "kWh",
    "MWh",
    "GJ",
    "m3",
    "m3_20c",
    "m3_0c",
    "L",
    "CNY",
    "10kCNY",
    "GJ_per_t",
    "tC_per_t",
    "percent",
]


def of_page(visit: Visit, kind: Kind, organization: str) -> dict[str, list[tuple[str, str]]]:
    """Return for columns of a page the words that may stand there, each with what the reader calls it."""
    files = visible(visit.known.files, [organization])
    units = files["energy_units"].frame().to_dicts()
    found = {
        "energy_unit_id": [(row["energy_unit_id"], visit.name_of(row)) for row in units],
        "point_id": [(row["point_id"], row["unit"]) for row in _points(visit, files)],
        "unit": [(unit, "") for unit in _units(kind)],
    }
    for column in kind.typed:
        if column.enum:
            found[column.name] = [(word, "") for word in column.enum]
        elif column.name in ("product_id", "item", "material", "property", "purpose"):
            found[column.name] = [(word, "") for word in _used(visit, kind, column.name, [organization])]
    return {name: words for name, words in found.items() if name in kind.spec.columns and words}


def of_workbook(visit: Visit, organizations: Collection[str]) -> dict[str, list[str]]:
    """Return for columns of a workbook the words that its lists offer."""
    files = visible(visit.known.files, organizations)
    return {
        "organization_id": list(organizations),
        "energy_unit_id": files["energy_units"].frame()["energy_unit_id"].to_list(),
        "point_id": [row["point_id"] for row in _points(visit, files)],
    }


def _points(visit: Visit, files: dict[str, CsvFile]) -> list[dict[str, str]]:
    """Return the points that are read by hand: those whose source is the portal."""
    return files["points"].frame().filter(pl.col("source") == visit.known.form.id).to_dicts()


def _units(kind: Kind) -> list[str]:
    words = kind.spec.columns["unit"].words if "unit" in kind.spec.columns else frozenset()
    return [unit for unit in _UNITS if unit in words]


def _used(visit: Visit, kind: Kind, column: str, organizations: Collection[str]) -> list[str]:
    """Return the words that the organisation's rows of the file use."""
    frame = visit.known.files[kind.name].frame().filter(pl.col("organization_id").is_in(list(organizations)))
    return sorted(set(frame[column].drop_nulls().to_list()))
