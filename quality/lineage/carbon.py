"""From rows of the other carbon marts to what they rest on: lines of the accounts, stacks, declared output."""

from collections.abc import Mapping
from typing import Any

from quality.lineage import emissions, energy, readings
from quality.lineage.node import Node
from quality.lineage.place import Place

_QUANTITIES = ("concentration", "speed", "temperature", "pressure", "humidity")


def of_inventory(place: Place, mart: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of an item of the yearly inventory: the lines of its months, as evidence.lineage has them."""
    names = ("organization_id", "item_status", "emissions_tco2", "emissions_tco2e", "line_count")
    lines = place.rows(_OF_YEAR, [row["organization_id"], row["year"], row["basis"]])
    below = tuple(emissions.of_line(place, line, deep=False) for line in lines if _is_of(place, line, row))
    facts = {name: row[name] for name in names}
    return Node("number", energy.name(mart, row), facts, (*below, *_rule(row), emissions.code(place)))


def _is_of(place: Place, line: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether a line belongs to an item of the organisation's guideline; a park's items are the kinds of source."""
    category, item = str(line["source_category"]), row["item_key"]
    if item == "total" or row["guideline"] is None:
        return item in ("total", category)
    is_traded = category.startswith(("purchased_", "sold_"))
    method = category if is_traded else str(line["method_term"]).split("/", maxsplit=1)[0]
    mine = [one for one in place.thing("guideline_items") if one["guideline"] == row["guideline"]]
    listed = {one["method"]: one["item_key"] for one in mine}
    return bool(listed.get(method, "other") == item)


def _rule(row: Mapping[str, Any]) -> tuple[Node, ...]:
    return (emissions.clause(str(row["method_clause"])),) if row["method_clause"] else ()


def of_intensity(place: Place, mart: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of emissions per product or value: the lines of the account, and the output that was declared."""
    names = ("organization_id", "emissions_tco2e", "quantity", "quantity_unit", "intensity", "intensity_unit")
    facts = {name: row[name] for name in names}
    lines = place.rows(_OF_ACCOUNT, [row["organization_id"], row["month"], row["basis"]])
    below = tuple(emissions.of_line(place, line, deep=False) for line in lines)
    output = energy.declared(place, str(row["denominator"]), row)
    return Node("number", energy.name(mart, row), facts, (*below, *output, emissions.code(place)))


def of_stack(place: Place, mart: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of a stack's month: its points down to readings, its row, and the lines it is held against."""
    names = ("measured_tco2", "calculated_tco2", "difference_tco2", "valid_hours_ratio")
    facts = {name: row[name] for name in ("organization_id", *names)}
    stack = next(one for one in place.thing("stacks") if one["stack_id"] == row["stack_id"])
    points = [str(stack[f"{quantity}_point_id"]) for quantity in _QUANTITIES if stack[f"{quantity}_point_id"]]
    readings.look_ahead(place, points, row["month"])
    measured = tuple(
        Node("point", point, readings.instrument(place, point), readings.of_point(place, point, row["month"]))
        for point in points
    )
    told = Node("row", f"stacks/{row['stack_id']}", stack, emissions.sealed(place, "stacks", stack))
    items = [item.strip() for item in str(stack["items"]).split(";")]
    lines = place.rows(_OF_STACK, [row["organization_id"], row["month"], row["basis"], items])
    below = tuple(emissions.of_line(place, line, deep=False) for line in lines)
    return Node("number", energy.name(mart, row), facts, (*measured, told, *below, emissions.code(place)))


_OF_YEAR = f"""
    select * from {emissions.MART}
    where organization_id = $1 and year(month) = $2 and (basis = $3 or (basis = 'all' and $3 <> 'statutory'))
    order by lineage_id
"""
_OF_ACCOUNT = f"""
    select * from {emissions.MART}
    where organization_id = $1 and month = $2 and (basis = $3 or (basis = 'all' and $3 <> 'statutory'))
    order by lineage_id
"""
_OF_STACK = f"""
    select * from {emissions.MART}
    where organization_id = $1 and month = $2 and basis in ($3, 'biogenic') and gas = 'CO2'
        and source_category in ('combustion', 'process') and list_contains($4, carrier::varchar)
    order by lineage_id
"""
