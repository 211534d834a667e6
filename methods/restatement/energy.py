"""Bridges of energy.comprehensive_monthly: quantity x coefficient of every carrier that counts, per organisation."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from methods.restatement import bridge, causes, split
from methods.restatement.bridge import Line
from methods.restatement.causes import Part, Parts
from methods.restatement.emissions import Figure
from methods.restatement.points import Counted, Metered
from methods.restatement.sides import Sides

MART = "energy.comprehensive_monthly"
#: What the mart's number is called where emissions have their category.
CATEGORY = "comprehensive_energy"
CONVENTIONS = ("calorific", "equivalent")


def parts(sides: Sides, months: Sequence[date], metered: Mapping[Counted, Metered]) -> dict[Figure, Parts]:
    """Return the parts of every figure of these months; they add up to its change."""
    rows = sides.rows(_LINES, months=list(months))
    coefficients = {side: _coefficients(sides, side, months) for side in ("old", "new")}
    members = (sides.within(sides.old), sides.within(sides.new))
    found: dict[Figure, Parts] = {}
    for row in rows:
        if all(row[f"old_{name}"] == row[f"new_{name}"] for name in ("quantity", *CONVENTIONS)):
            continue
        moved = _moved(sides, row, metered, members)
        for convention in CONVENTIONS:
            old, new = (
                _line(row, side, convention, coefficients[side].get((row["carrier"], row["month"], convention), ""))
                for side in ("old", "new")
            )
            figure = Figure(row["organization_id"], row["month"], convention, CATEGORY)
            told = bridge.parts(old, new, moved, sides.rest)
            found.setdefault(figure, Parts()).take([told])
    return found


def _line(row: Mapping[str, Any], side: str, convention: str, coefficient: str) -> Line | None:
    if row[f"{side}_quantity"] is None:
        return None
    sign = -1 if row["role"] in ("sale", "internal_sale") else 1
    value = row[f"{side}_{convention}"]
    return Line(
        sign * row[f"{side}_quantity"],
        None if value is None else sign * value,
        method=row["quantity_unit"],
        valuation=f"{row['carrier']} {coefficient}",
    )


def _moved(
    sides: Sides,
    row: Mapping[str, Any],
    metered: Mapping[Counted, Metered],
    members: tuple[Mapping[str, set[str]], Mapping[str, set[str]]],
) -> Mapping[str, Part]:
    """Return what moved a line's quantity; of a park, what moved its members', and all of one that joined or left."""
    sign = -1 if row["role"] in ("sale", "internal_sale") else 1
    change = sign * ((row["new_quantity"] or Decimal(0)) - (row["old_quantity"] or Decimal(0)))
    if not change:
        return {}
    then, now = (side.get(row["organization_id"], set()) for side in members)
    told = Parts()
    for member in sorted(then | now):
        counted = Counted(member, row["month"], row["carrier"], row["use_type"], row["role"])
        if counted not in metered:
            continue
        mine = metered[counted]
        if member in then and member in now:
            for cause, part in mine.parts.items():
                told.add(cause, Part(sign * part.change, part.interaction, part.subjects, part.rows))
        else:
            after = mine.before + sum((part.change for part in mine.parts.values()), Decimal(0))
            whole = after if member in now else -mine.before
            told.add(causes.BOUNDARY, Part(sign * whole, subjects=frozenset((member,))))
    return split.of(change, told.by_cause, sides.rest)


def _coefficients(sides: Sides, side: str, months: Sequence[date]) -> dict[tuple[str, date, str], str]:
    """Return the coefficients of each carrier that hold in a month, in words that can be compared."""
    found: dict[tuple[str, date, str], str] = {}
    for row in sides.rows(_COEFFICIENTS.replace("{side", "{" + side), months=list(months)):
        for convention in CONVENTIONS:
            found[row["carrier"], row["month"], convention] = row[convention] or ""
    return found


_SIDE = """
    select lines.organization_id, lines.month, lines.carrier, lines.use_type, lines.role, lines.quantity_unit,
        lines.quantity, lines.energy_tce_calorific as calorific, lines.energy_tce_equivalent as equivalent
    from {side:energy.consumption_monthly} as lines
    where lines.level = lines.organization_level and list_contains($months, lines.month)
        and lines.carrier_group <> 'material' and (lines.is_counted or lines.role in ('sale', 'internal_sale'))
"""
_KEYS = "organization_id, month, carrier, use_type, role, quantity_unit"
_LINES = f"""
    with before as ({_SIDE.replace("{side", "{old")}), now as ({_SIDE.replace("{side", "{new")})
    select {_KEYS}, before.quantity as old_quantity, now.quantity as new_quantity,
        before.calorific as old_calorific, now.calorific as new_calorific,
        before.equivalent as old_equivalent, now.equivalent as new_equivalent
    from before full outer join now using ({_KEYS})
    order by all
"""
_COEFFICIENTS = """
    select carriers.carrier, months.month,
        string_agg(carriers.tce_calorific_per_unit || ' tce/' || carriers.unit, '; ' order by valid_from) as calorific,
        string_agg(carriers.tce_equivalent_per_unit || ' tce/' || carriers.unit, '; ' order by valid_from) as equivalent
    from {side:reference.carriers} as carriers
    inner join (select unnest($months) as month) as months
        on carriers.valid_from < months.month + interval 1 month and months.month < carriers.valid_to
    group by all
"""
