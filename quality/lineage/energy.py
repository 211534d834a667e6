"""From rows of the energy marts to what they rest on: points by the site's allocations, tariffs, declared output.

A unit without allocations of its own rests on its parts; a residual unit on its parent less its siblings (ADR 11).
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from quality.lineage import emissions, readings
from quality.lineage.node import Node
from quality.lineage.place import Place

MONTHLY, DAILY = "energy.consumption_monthly", "energy.consumption_daily"
_AMOUNT = ("quantity", "quantity_unit", "energy_gj", "energy_tce_calorific", "energy_tce_equivalent", "cost_cny")
_VALUE = ("finance", "item")
_DENOMINATORS = {"product": ("production", "product_id"), "output_value": _VALUE, "value_added": _VALUE}
#: The columns that tell rows of these marts from each other, in the order of a row's name.
KEYS = (
    *("month", "local_date", "year", "organization_id", "energy_unit_id", "stack_id", "carrier", "role", "use_type"),
    *("band", "basis", "denominator", "product_id", "convention", "source_category", "item_key", "gas", "method_term"),
)


def of_consumption(place: Place, mart: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of a unit's consumption of a carrier in a month or on a day."""
    facts = {name: row[name] for name in ("organization_id", *_AMOUNT, "estimated_ratio", "missing_ratio")}
    return Node("number", name(mart, row), facts, (*_consumed(place, row), emissions.code(place)))


def _consumed(place: Place, row: Mapping[str, Any]) -> tuple[Node, ...]:
    """Return the points that a unit's row counts, or the parts that it is made of."""
    unit = next((one for one in place.thing("energy_units") if one["energy_unit_id"] == row["energy_unit_id"]), None)
    mine = [one for one in _allocated(place, row) if one["energy_unit_id"] == row["energy_unit_id"]]
    if mine:
        return tuple(_point(place, one, row["month"]) for one in mine)
    if unit is None:
        return ()
    units = place.thing("energy_units")
    parts = [one for one in units if one["parent_id"] == row["energy_unit_id"]]
    if unit["is_residual"]:
        beside = [one for one in units if one["parent_id"] == unit["parent_id"] and not one["is_residual"]]
        parts = [*(one for one in units if one["energy_unit_id"] == unit["parent_id"]), *beside]
    elif not parts:
        roots = _members(place, str(row["organization_id"]))
        parts = [one for one in units if one["organization_id"] in roots and one["parent_id"] is None]
    found = [_part(place, part, row) for part in parts]
    return tuple(one for one in found if one.below)


def _part(place: Place, part: Mapping[str, Any], row: Mapping[str, Any]) -> Node:
    """Return a part of a unit with what it counts of the same carrier and role."""
    of_part = {**row, "energy_unit_id": part["energy_unit_id"], "organization_id": part["organization_id"]}
    below = () if part["is_residual"] else _consumed(place, of_part)
    facts = {"name_zh": part["name_zh"], "name_en": part["name_en"]}
    return Node("energy_unit", str(part["energy_unit_id"]), facts, below)


def _allocated(place: Place, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of allocations.csv that hold at the row's time for its carrier, use and role."""
    day: date = row.get("local_date") or row["month"]
    after = row.get("local_date") or readings.after(row["month"]) - timedelta(days=1)
    return [
        one
        for one in place.thing("allocations")
        if one["carrier"] == row["carrier"]
        and one["role"] == row["role"]
        and one["use_type"] == row["use_type"]
        and (one["valid_from"] is None or one["valid_from"] <= after)
        and (one["valid_to"] is None or one["valid_to"] > day)
    ]


def _members(place: Place, organization: str) -> set[str]:
    return {str(one["organization_id"]) for one in place.thing("organizations") if one["parent_id"] == organization}


def _point(place: Place, row: Mapping[str, Any], month: date) -> Node:
    point = str(row["point_id"])
    told = {name: row[name] for name in ("role", "use_type", "sign", "share")}
    return Node("point", point, told | readings.instrument(place, point), (readings.intervals(place, point, month),))


def of_comprehensive(place: Place, mart: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of an organisation's comprehensive energy: what its root unit bought, made and gave away."""
    values = {name: value for name, value in row.items() if name.endswith(("_calorific", "_equivalent"))}
    lines = place.rows(_COUNTED, [row["organization_id"], row["month"]])
    readings.look_ahead(
        place, [str(one["point_id"]) for line in lines for one in _allocated(place, line)], row["month"]
    )
    below = tuple(of_consumption(place, MONTHLY, line) for line in lines)
    facts = {"organization_id": row["organization_id"], **values}
    rule = emissions.clause("gbt_2589.comprehensive_energy")
    return Node("number", name(mart, row), facts, (*below, rule, emissions.code(place)))


def of_intensity(place: Place, mart: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of energy per product or value: the energy, and the output that was declared."""
    facts = {
        name: row[name] for name in ("organization_id", "quantity", "quantity_unit", "intensity", "intensity_unit")
    }
    energy = place.rows(
        "select * from energy.comprehensive_monthly where organization_id = $1 and month = $2",
        [row["organization_id"], row["month"]],
    )
    below = tuple(of_comprehensive(place, "energy.comprehensive_monthly", one) for one in energy)
    output = declared(place, str(row["basis"]), row)
    return Node("number", name(mart, row), facts, (*below, *output, emissions.code(place)))


def declared(place: Place, denominator: str, row: Mapping[str, Any]) -> tuple[Node, ...]:
    """Return the rows of output or value that an intensity of an organisation divides by, its members' included."""
    thing, column = _DENOMINATORS[denominator]
    wanted = row["product_id"] if denominator == "product" else denominator
    organizations = {str(row["organization_id"]), *_members(place, str(row["organization_id"]))}
    mine = [
        one
        for one in place.thing(thing)
        if one["organization_id"] in organizations and one["month"] == row["month"] and one[column] == wanted
    ]
    return tuple(emissions.row_node(place, thing, one) for one in mine)


def of_cost(place: Place, mart: str, row: Mapping[str, Any]) -> Node:
    """Return the tree of the cost of a price band: electricity of the unit, the tariff's rows and its contract."""
    names = ("quantity_kwh", "cost_cny", "demand_kw", "demand_cost_cny", "power_factor", "power_factor_adjustment_cny")
    lines = place.rows(_ELECTRICITY, [row["energy_unit_id"], row["month"], row["role"]])
    below = [of_consumption(place, MONTHLY, line) for line in lines]
    carriers = {line["carrier"] for line in lines}
    of_unit = [one for one in place.thing("tariffs") if one["energy_unit_id"] == row["energy_unit_id"]]
    tariffs = [one for one in of_unit if one["carrier"] in carriers and one["band"] == row["band"] and _holds(one, row)]
    contracts = [one for one in place.thing("supply_contracts") if one["energy_unit_id"] == row["energy_unit_id"]]
    below += [_site_row(place, "tariffs", one, ("energy_unit_id", "band", "start_time", "months")) for one in tariffs]
    below += [_site_row(place, "supply_contracts", one, ("energy_unit_id",)) for one in contracts if _holds(one, row)]
    facts = {name: row[name] for name in ("organization_id", *names)}
    return Node("number", name(mart, row), facts, (*below, emissions.code(place)))


def _holds(one: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    begun = one["valid_from"] is None or one["valid_from"] < readings.after(row["month"])
    lasts = one["valid_to"] is None or one["valid_to"] > row["month"]
    months = {int(part) for part in str(one.get("months") or "").split(";") if part.strip().isdecimal()}
    return begun and lasts and (not months or row["month"].month in months)


def _site_row(place: Place, thing: str, row: Mapping[str, Any], keys: Sequence[str]) -> Node:
    name = "/".join([thing, *(str(row[key]) for key in keys if row[key] is not None)])
    return Node("row", name, row, emissions.sealed(place, thing, row))


def name(mart: str, row: Mapping[str, Any]) -> str:
    """Return what a row is called in a tree: its mart and the values of its keys."""
    left_out = "month" if "local_date" in row else ""
    return "/".join([mart, *(str(row[key]) for key in KEYS if key != left_out and row.get(key) is not None)])


_COUNTED = f"""
    select lines.* from {MONTHLY} as lines
    inner join reference.energy_units as units using (energy_unit_id)
    where lines.organization_id = $1 and lines.month = $2 and lines.carrier_group <> 'material'
        and units.parent_id is null and (lines.is_counted or lines.role in ('sale', 'internal_sale'))
    order by lines.carrier, lines.role, lines.use_type
"""
_ELECTRICITY = f"""
    select * from {MONTHLY}
    where energy_unit_id = $1 and month = $2 and role = $3 and carrier like 'electricity%' order by carrier, use_type
"""
