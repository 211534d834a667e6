"""What moved the declared activity: rows of production, activity, stock and certificates, late or corrected."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from methods.restatement import causes
from methods.restatement.causes import Part, Parts
from methods.restatement.sides import Sides

CERTIFICATES = "certificates"
#: What tells a declared row from the others of its file, the column that names its item, and the amounts it declares.
_ROWS: Mapping[str, tuple[tuple[str, ...], str, Mapping[str, int]]] = {
    "production": (("organization_id", "energy_unit_id", "product_id", "month"), "product_id", {"quantity": 1}),
    "activity": (("organization_id", "energy_unit_id", "item", "month", "purpose"), "item", {"quantity": 1}),
    "stock": (
        ("organization_id", "energy_unit_id", "item", "month"),
        "item",
        {"opening": 1, "purchased": 1, "sold": -1, "closing": -1},
    ),
    CERTIFICATES: (("organization_id", "certificate_id", "month"), "certificate_id", {"quantity": 1}),
}
#: By organisation, month and item; certificates under CERTIFICATES.
Declared = dict[tuple[str, date, str], Mapping[str, Part]]


def moved(sides: Sides) -> Declared:
    """Return what moved by organisation, month and item; an amount counts in the unit it is declared in."""
    found: dict[tuple[str, date, str], Parts] = {}
    for thing, (key, item, amounts) in _ROWS.items():
        if thing not in sides.changed:
            continue
        then, now = ({_key(row, key): row for row in sides.thing(side, thing)} for side in (sides.old, sides.new))
        for name in sorted({*then, *now}, key=str):
            old, new = then.get(name), now.get(name)
            if old is not None and new is not None and _facts(old) == _facts(new):
                continue
            row = new or old or {}
            change = _amount(new, amounts) - _amount(old, amounts)
            subject = CERTIFICATES if thing == CERTIFICATES else str(row[item])
            told = Part(change, subjects=frozenset((f"{thing}/{row[item]}",)), rows=1)
            mine = found.setdefault((str(row["organization_id"]), row["month"], subject), Parts())
            mine.add(causes.LATE if old is None else causes.ENTRY, told)
    return {key: parts.by_cause for key, parts in found.items()}


def _key(row: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in names)


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row declares; who entered it is no fact of it."""
    return {name: value for name, value in row.items() if name not in ("known_at", "entry") and value is not None}


def _amount(row: Mapping[str, Any] | None, amounts: Mapping[str, int]) -> Decimal:
    told = row or {}
    return sum((sign * (told.get(name) or Decimal(0)) for name, sign in amounts.items()), Decimal(0))
