"""What a bought material carries in a month: the supplier's answer that holds, else a secondary value with its penalty.

An answer holds in the months from the begin of its data to the end of its validity. Of several, that counts whose data
are of the month, then the one with the newest data, then the one that came last; one that another follows is out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pyarrow as pa

from lake.errors import NengtanError
from lake.units import conversion
from methods.supply.tables import PARTS, VALUES

Row = Mapping[str, Any]
_PLACES = Decimal("0.000000001")
_FIRST, _LAST = date.min, date.max
_QUALITY = ("dqr_technology", "dqr_time", "dqr_geography")


def monthly(tables: Mapping[str, pa.Table], months: Sequence[date]) -> pa.Table:
    """Return what each supplied material carries in each month (its first day); columns of VALUES.

    `tables` has the current rows of supplier_materials, supplier_footprints and factor_footprint. Where the shares of
    a material's suppliers leave a rest, it stands in a row without a supplier, at the highest of their penalties.
    """
    answers = by_supply(tables["supplier_footprints"].to_pylist())
    factors = {row["factor_id"]: row for row in tables["factor_footprint"].to_pylist()}
    told = tables["supplier_materials"].to_pylist()
    made = [row for month in months for row in _of_month(month, told, answers, factors)]
    return pa.Table.from_pylist(made, VALUES)


def by_supply(rows: Iterable[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """Return answers by organisation, supplier and material, in the order of their arrival."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["received_on"], row["supplier_footprint_id"])):
        found.setdefault(supply_of(row), []).append(row)
    return found


def supply_of(row: Row) -> tuple[str, str, str]:
    """Return what a row is about: who buys what of whom."""
    return row["organization_id"], row["supplier_id"], row["material"]


def valid(row: Row, day: date) -> bool:
    """Whether a row of the site holds on a day."""
    return (row["valid_from"] or _FIRST) <= day < (row["valid_to"] or _LAST)


def in_force(answers: Sequence[Row], month: date) -> Row | None:
    """Return the answer that counts in a month, None where none does."""
    last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    followed = {
        name.strip() for row in answers if row["status"] == "active" for name in (row["preceding_ids"] or "").split(";")
    }
    holding = [
        (row["reference_from"] <= month < row["reference_to"], row["reference_to"], place, row)
        for place, row in enumerate(answers)
        if row["status"] == "active"
        and row["record_id"] not in followed
        and row["footprint_kgco2e"] is not None
        and min(row["reference_from"], row["valid_from"] or _LAST) <= last
        and month < row["valid_to"]
    ]
    return max(holding, key=lambda one: one[:3])[3] if holding else None


def _of_month(
    month: date, told: Sequence[Row], answers: Mapping[tuple[str, str, str], list[Row]], factors: Mapping[str, Row]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a month, materials in order."""
    supplied: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(told, key=lambda row: (row["organization_id"], row["material"], row["supplier_id"])):
        if valid(row, month):
            supplied.setdefault((row["organization_id"], row["material"]), []).append(row)
    for rows in supplied.values():
        for row in rows:
            yield _value(month, row, in_force(answers.get(supply_of(row), ()), month), factors)
        rest = 1 - sum((row["share"] for row in rows), Decimal(0))
        if rest > 0:
            dearest = max(rows, key=lambda row: row["penalty_ratio"])
            yield _value(month, {**dearest, "supplier_id": "", "share": rest}, None, factors)


def _value(month: date, row: Row, answer: Row | None, factors: Mapping[str, Row]) -> dict[str, Any]:
    made = {
        **{name: row[name] for name in ("organization_id", "material", "supplier_id", "unit")},
        "month": month,
        "share_ratio": row["share"],
        "penalty_ratio": Decimal(0),
        "is_primary": answer is not None,
    }
    if answer is not None:
        return {**made, "value_kind": "answer", **answered(answer, row["unit"])}
    return {**made, **secondary(row, factors.get(row["fallback_factor_id"]))}


def answered(answer: Row, unit: str) -> dict[str, Any]:
    """Return an answer for one unit of what is bought; without parts all of it is fossil."""
    scale = _decimal(conversion(unit, answer["declared_unit"])) / answer["declared_amount"]
    parts = {name: answer[name] for name in PARTS}
    if parts["fossil_kgco2e"] is None:
        parts["fossil_kgco2e"] = answer["footprint_kgco2e"]
    told = ("supplier_footprint_id", "record_id", "primary_data_share_ratio", "valid_to", *_QUALITY)
    return {
        **{name: answer[name] for name in told},
        **{name: None if value is None else _rounded(value * scale) for name, value in parts.items()},
    }


def secondary(row: Row, factor: Row | None, *, with_penalty: bool = True) -> dict[str, Any]:
    """Return the secondary value of one unit of a supplied material, with what is put on top of it."""
    if factor is None or factor["factor_kgco2e_per_unit"] is None:
        return {"value_kind": "missing", "factor_id": row["fallback_factor_id"]}
    penalty = row["penalty_ratio"] if with_penalty else Decimal(0)
    try:
        scale = _decimal(conversion(row["unit"], factor["unit"]))
    except NengtanError:  # a factor of another dimension says nothing of it
        return {"value_kind": "missing", "factor_id": row["fallback_factor_id"]}
    value = _rounded(factor["factor_kgco2e_per_unit"] * scale * (1 + penalty))
    return {
        "value_kind": "secondary",
        "factor_id": factor["factor_id"],
        "penalty_ratio": penalty,
        "footprint_kgco2e": value,
        "fossil_kgco2e": value,
        "primary_data_share_ratio": Decimal(0),
        **{name: factor.get(name) for name in _QUALITY},
    }


def _decimal(fraction: Any) -> Decimal:  # noqa: ANN401 - a Fraction of lake.units
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_PLACES, ROUND_HALF_EVEN)
