"""Bridges of carbon.emissions_monthly: line by line for those who emit, added up for the parks above them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Any, NamedTuple

from methods.restatement import bridge, causes, split
from methods.restatement.bridge import Line
from methods.restatement.causes import Part, Parts
from methods.restatement.declared import CERTIFICATES, Declared
from methods.restatement.points import Counted, Metered
from methods.restatement.sides import Sides

MART = "carbon.emissions_monthly"
_BOUGHT, _SOLD = ("purchase", "internal_purchase"), ("sale", "internal_sale")
#: Which of what was counted a category rests on; the others on all that is bought, used and sold.
_ROLES: Mapping[str, Sequence[str]] = {
    "combustion": (*_BOUGHT, "own_generation", "end_use", *_SOLD),
    "purchased_electricity": _BOUGHT,
    "purchased_heat": _BOUGHT,
    "sold_electricity": _SOLD,
    "sold_heat": _SOLD,
}
_OTHERS = (*_BOUGHT, "end_use", *_SOLD)
_SALES = frozenset(_SOLD)
#: What a line is, whatever it is worth; within it lines are told apart by factor and reason.
_SAME = ("organization_id", "month", "basis", "source_category", "gas", "carrier", "is_internal")
_TERM = ("method_term", "activity_unit")
_WORTH = ("factor_id", "factor", "null_reason")


class Figure(NamedTuple):
    """What is published as one number of the mart."""

    organization_id: str
    month: date
    basis: str
    source_category: str


class Inputs(NamedTuple):
    """What moved: metered, declared."""

    metered: Mapping[Counted, Metered]
    declared: Declared


def parts(sides: Sides, months: Sequence[date], inputs: Inputs) -> dict[Figure, Parts]:
    """Return the parts of every figure of these months; they add up to its change."""
    lines = {side: _lines(sides, side, months) for side in ("old", "new")}
    below = {"old": sides.within(sides.old), "new": sides.within(sides.new)}
    own: dict[tuple[Figure, bool], Parts] = {}
    totals: dict[str, dict[tuple[Figure, bool], Decimal]] = {"old": {}, "new": {}}
    for side, rows in lines.items():
        for row in rows:
            key = (_figure(row), row["is_internal"])
            totals[side][key] = totals[side].get(key, Decimal(0)) + (row["emissions_tco2e"] or Decimal(0))
    for old, new in _pairs(lines["old"], lines["new"]):
        row = old or new or {}
        told = bridge.parts(_line(old), _line(new), _moved(old, new, inputs, sides.rest), sides.rest)
        own.setdefault((_figure(row), row["is_internal"]), Parts()).take([told])
    found: dict[Figure, Parts] = {}
    for figure, is_internal in sorted({*totals["old"], *totals["new"]}, key=str):
        for place in {figure.organization_id, *_above(below, figure.organization_id)}:
            if place == figure.organization_id or not is_internal:
                mine = found.setdefault(figure._replace(organization_id=place), Parts())
                mine.take([_within(below, place, figure, (own, totals), is_internal)])
    return found


def _within(
    below: Mapping[str, Mapping[str, set[str]]],
    place: str,
    figure: Figure,
    told: tuple[Mapping[tuple[Figure, bool], Parts], Mapping[str, Mapping[tuple[Figure, bool], Decimal]]],
    is_internal: bool,
) -> Parts:
    """Return what a member's figure is within a place: its own parts, or all of it where it joined or left."""
    own, totals = told
    key = (figure, is_internal)
    then, now = (figure.organization_id in below[side].get(place, {place}) for side in ("old", "new"))
    if then and now:
        return own.get(key, Parts())
    found = Parts()
    change = (totals["new"].get(key, Decimal(0)) if now else 0) - (totals["old"].get(key, Decimal(0)) if then else 0)
    if change:
        found.add(causes.BOUNDARY, Part(Decimal(change), subjects=frozenset((figure.organization_id,))))
    return found


def _above(below: Mapping[str, Mapping[str, set[str]]], member: str) -> set[str]:
    return {place for side in below.values() for place, members in side.items() if member in members}


def _lines(sides: Sides, side: str, months: Sequence[date]) -> list[dict[str, Any]]:
    """Return the lines of those who emit."""
    parks = sides.parks(sides.old if side == "old" else sides.new)
    rows = sides.rows(
        f"select {_COLUMNS} from {{{side}:{MART}}} where list_contains($months, month)", months=list(months)
    )
    return [row for row in rows if row["organization_id"] not in parks]


_COLUMNS = ", ".join(
    (*_SAME, *_TERM, *_WORTH, "activity", "factor_unit", "gwp", "gwp_set", "method_clause", "emissions_tco2e")
)


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(*(row[name] for name in Figure._fields))


def _pairs(
    old: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]]
) -> list[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    """Pair the lines of both sides: those of one worth, then of one term, then what is left of the same source."""
    then, now = list(old), list(new)
    found: list[tuple[dict[str, Any] | None, dict[str, Any] | None]] = []
    for names in ((*_SAME, *_TERM, *_WORTH), (*_SAME, *_TERM), (*_SAME, "activity_unit"), _SAME):
        groups: dict[tuple[Any, ...], tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {}
        for place, rows in enumerate((then, now)):
            for row in rows:
                groups.setdefault(tuple(row[name] for name in names), ([], []))[place].append(row)
        then, now = [], []
        for before, after in groups.values():
            ordered = (sorted(rows, key=_order) for rows in (before, after))
            for one, other in zip_longest(*ordered):
                if one is not None and other is not None:
                    found.append((one, other))
                elif one is not None:
                    then.append(one)
                else:
                    now.append(other)
    return [*found, *((row, None) for row in then), *((None, row) for row in now)]


def _order(row: Mapping[str, Any]) -> str:
    return str([row[name] for name in (*_TERM, *_WORTH)])


def _line(row: Mapping[str, Any] | None) -> Line | None:
    if row is None:
        return None
    unit = str(row["factor_unit"])
    tonnes = Decimal("0.000001") if unit.endswith("/TJ") else Decimal("0.001") if unit.startswith("kg") else Decimal(1)
    return Line(
        activity=row["activity"] or Decimal(0),
        value=row["emissions_tco2e"],
        factor=row["factor"],
        tonnes=tonnes,
        gwp=row["gwp"],
        method=f"{row['method_clause']} ({row['method_term']})",
        valuation=f"{row['factor_id'] or 'none'} {_number(row['factor'])} {row['factor_unit'] or ''}".strip(),
    )


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _moved(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, inputs: Inputs, rest: str
) -> Mapping[str, Part]:
    """Return what moved the activity of a line; it adds up to its change."""
    row = old or new or {}
    change = ((new or {}).get("activity") or Decimal(0)) - ((old or {}).get("activity") or Decimal(0))
    place = (row["organization_id"], row["month"])
    certified = row["source_category"] == "purchased_electricity" and row["basis"] == "market"
    told = inputs.declared.get((*place, CERTIFICATES if certified else row["carrier"]), {})
    if certified and told:
        # a certificate moves electricity between two lines; what was metered otherwise is told, the rest is its own
        metered = {} if row["method_term"] == "certificate" else _metered(row, inputs)[0]
        return split.of(change, metered, min(told, key=causes.ORDER.index), takes_rest=True)
    metered, before, unit = _metered(row, inputs)
    if metered and unit != row["activity_unit"] and before and old is not None:
        by = (old["activity"] or Decimal(0)) / before  # heat of a fuel: what its heat value did is a factor's part
        return split.of(change, split.scaled(metered, by), causes.FACTOR, takes_rest=True)
    if not metered and not told and change and unit is not None and unit != row["activity_unit"]:
        return {causes.FACTOR: Part(change, subjects=frozenset((f"{row['carrier']} {unit} → {row['activity_unit']}",)))}
    both = Parts()
    for one in (metered, told):
        for cause, part in one.items():
            both.add(cause, part)
    if not both.by_cause and change:
        return {_elsewhere(place, inputs, rest): Part(change, subjects=frozenset((str(row["carrier"]),)))}
    return split.of(change, both.by_cause, rest)


def _metered(row: Mapping[str, Any], inputs: Inputs) -> tuple[Mapping[str, Part], Decimal, str | None]:
    """Return what was metered otherwise of a line's carrier, what it was before, and its unit; what is sold is less."""
    roles = _ROLES.get(row["source_category"], _OTHERS)
    parts, before, unit = Parts(), Decimal(0), None
    for counted, metered in inputs.metered.items():
        mine = (counted.organization_id, counted.month, counted.carrier) == (
            row["organization_id"],
            row["month"],
            row["carrier"],
        )
        if mine and counted.role in roles and counted.role.startswith("internal_") == row["is_internal"]:
            sign = -1 if counted.role in _SALES else 1
            before, unit = before + sign * metered.before, metered.unit
            for cause, part in metered.parts.items():
                parts.add(cause, Part(sign * part.change, part.interaction, part.subjects, part.rows))
    return parts.by_cause, before, unit


def _elsewhere(place: tuple[str, date], inputs: Inputs, rest: str) -> str:
    """Return the cause of an activity that is made of other rows of the same month, such as stock beside meters."""
    moved = {cause for key, told in inputs.declared.items() if key[:2] == place for cause in told}
    mine = [told for key, told in inputs.metered.items() if (key.organization_id, key.month) == place]
    moved |= {cause for told in mine for cause in told.parts}
    return min(moved, key=causes.ORDER.index) if moved else rest
