"""A laboratory's results as properties of the fuel as received, per unit, each with the month it stands for.

Contents are brought to the as-received basis by the balance of mass: what is dry, or dried in air, is found again
beside the moisture of the same sample. A heat value is not a content: it counts only as received.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from factors.dimensions import conversion
from lake.errors import NengtanError

#: What a laboratory calls a property, the property of the accounting, and the units it may come in (canonical first).
PROPERTIES = {
    "net_calorific_value": ("gj_per_unit", ("GJ/t", "GJ/m3_20c")),
    "carbon_content": ("carbon_content_tc_per_unit", ("tC/t", "tC/m3_20c", "ratio")),
    "carbon_per_heat": ("carbon_content_tc_per_gj", ("tC/GJ",)),
    "moisture": ("moisture_ratio", ("ratio",)),
    "purity": ("purity_ratio", ("ratio",)),
}
#: Shares of the sample's mass, which change with its moisture.
_CONTENTS = frozenset({"carbon_content", "purity"})
_LAST_DIGIT = Decimal("1e-9")
_DECIMAL = pa.decimal128(18, 9)
SCHEMA = pa.schema(
    [
        *[pa.field(name, pa.string()) for name in ("sample_id", "report_number", "organization_id", "carrier")],
        pa.field("property", pa.string(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("value", _DECIMAL),
        pa.field("quantity", pa.decimal128(18, 6)),
        pa.field("is_approved", pa.bool_(), nullable=False),
        pa.field("reason_code", pa.string()),
    ]
)

Row = Mapping[str, Any]


def values(results: pa.Table) -> pa.Table:
    """Return the results that the accounting can use; without a value the row's reason_code says why."""
    rows = [row for row in results.to_pylist() if row["property"] in PROPERTIES]
    moistures = {
        (row["sample_id"], row["basis"] or "as_received"): value
        for row in rows
        if row["property"] == "moisture" and (value := canonical(row)) is not None
    }
    return pa.Table.from_pylist([_value(row, moistures) for row in rows], schema=SCHEMA)


def canonical(row: Row) -> Decimal | None:
    """Return a result in the canonical unit of its property; None where its unit measures other things."""
    unit = "percent" if row["unit"] == "%" else row["unit"]
    try:
        factor = next(found for wanted in PROPERTIES[row["property"]][1] if (found := conversion(unit, wanted)))
    except (NengtanError, StopIteration):
        return None
    made: Decimal = row["value"] * factor
    return made.quantize(_LAST_DIGIT)


def _value(row: Row, moistures: Mapping[tuple[str, str], Decimal]) -> dict[str, Any]:
    value, reason = _as_received(row, moistures)
    return {
        **{name: row[name] for name in ("sample_id", "report_number", "organization_id", "quantity")},
        "carrier": row["material"],
        "property": PROPERTIES[row["property"]][0],
        "month": row["month"] or row["sampled_on"].replace(day=1),
        "value": value,
        "is_approved": row["approved_by"] is not None and row["approved_on"] is not None,
        "reason_code": reason,
    }


def _as_received(row: Row, moistures: Mapping[tuple[str, str], Decimal]) -> tuple[Decimal | None, str | None]:
    """Return the value as received, or why there is none.

    as received = value x (1 - moisture as received) / (1 - moisture of its own basis); dry means without moisture.
    """
    basis = row["basis"] or "as_received"
    value = canonical(row)
    if value is None:
        return None, "unit_not_of_property"
    if basis == "as_received":
        return value, None
    if row["property"] not in _CONTENTS:
        return None, "not_as_received"
    total = moistures.get((row["sample_id"], "as_received"))
    inherent = Decimal(0) if basis == "dry" else moistures.get((row["sample_id"], basis))
    if total is None or inherent is None or inherent >= 1:
        return None, "moisture_missing"
    return (value * (1 - total) / (1 - inherent)).quantize(_LAST_DIGIT), None
