"""Every number of the library in one long table: what it is for, of which set, year and publication, and its source."""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from factors.spec import DECIMAL, Numbers, tables

_TEXT, _DATE = pa.string(), pa.date32()
SCHEMA = pa.schema(
    [
        *[
            pa.field(name, _TEXT, nullable=False)
            for name in ("factor_id", "property", "subject", "factor_set", "factor_key")
        ],
        pa.field("name_zh", _TEXT),
        pa.field("gas", _TEXT),
        pa.field("region", _TEXT),
        pa.field("data_year", pa.int32()),
        *[pa.field(name, _DATE) for name in ("valid_from", "valid_to", "published_on")],
        pa.field("value", DECIMAL, nullable=False),
        pa.field("unit", _TEXT, nullable=False),
        *[pa.field(name, _TEXT) for name in ("source_id", "locator", "source_url", "confidence", "evidence", "note")],
        pa.field("organization_id", _TEXT),
    ]
)

Row = Mapping[str, Any]


def numbers(loaded: Mapping[str, pa.Table]) -> pa.Table:
    """Return the numbers of the loaded tables, one a row; a lower end that equals the upper one is not repeated."""
    rows = [
        number
        for table in tables().values()
        if table.numbers is not None
        for row in loaded[table.name].to_pylist()
        for number in _of(table.numbers, row)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def own(factors: pa.Table) -> pa.Table:
    """Return the rows of a site's factors.csv in the same shape; what was imported joins the subject of its set.

    A row of one entity says so in `organization_id`; one of the whole site and every published one say nothing there.
    """
    return pa.Table.from_pylist([_own(row) for row in factors.to_pylist()], schema=SCHEMA)


def _own(row: Row) -> dict[str, Any]:
    grid, printed = row["property"] == "kgco2_per_kwh", row["factor_set"] is not None
    subject = "grid_emission" if grid else "fuel_emission" if printed and row["carrier"] else row["origin"]
    what = row["carrier"] or row["item"]
    return {name: row.get(name) for name in SCHEMA.names} | {
        "property": "factor" if grid else row["property"],
        "subject": subject,
        "factor_set": row["factor_set"] or "site",
        "factor_key": row["region"] if grid else what,
        "name_zh": row["item"],
        "gas": "CO2" if grid else None,
        "region": row["region"] or "site",
        "unit": row["unit"] or ("kgCO2/kWh" if grid else row["property"]),
        "source_id": "site",
        "locator": row["source"],
        "evidence": row["supplier"] or "site",
        "note": row["reason"],
    }


def _of(spec: Numbers, row: Row) -> Iterator[dict[str, Any]]:
    for column, unit in spec.values.items():
        value = row[column]
        if value is None or (column.endswith("_min") and value == row[column.removesuffix("min") + "max"]):
            continue
        printed = unit.format(**row)
        yield {name: row.get(name) for name in SCHEMA.names} | {
            "property": column.removesuffix("_max"),
            "subject": spec.subject,
            "factor_set": row[spec.set],
            "factor_key": "/".join(row[part] for part in spec.key if row[part]),
            "gas": row.get("gas") or _gas(printed),
            "region": row.get("region") or "WORLD",
            "value": value,
            "unit": printed,
        }


def _gas(unit: str) -> str | None:
    return next((gas for gas in ("CO2e", "CO2") if gas in unit.partition("/")[0]), None)
