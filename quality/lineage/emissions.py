"""From a line of carbon.emissions_monthly to what it rests on: activity, factor, rule, members of a park, code."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lake import approved, vocabulary
from quality.lineage import readings
from quality.lineage.node import Node
from quality.lineage.place import Place

MART = "carbon.emissions_monthly"
_BOUGHT, _SOLD = ("purchase", "internal_purchase"), ("sale", "internal_sale")
#: Which rows of what was metered a category counts: the use, and the roles.
_COUNTED: Mapping[str, tuple[str | None, Sequence[str]]] = {
    "combustion": ("fuel", (*_BOUGHT, "own_generation", "end_use", *_SOLD)),
    "purchased_electricity": (None, _BOUGHT),
    "purchased_heat": (None, _BOUGHT),
    "sold_electricity": (None, _SOLD),
    "sold_heat": (None, _SOLD),
}
_KEY = ("month", "basis", "source_category", "gas", "carrier", "method_term", "factor_id", "factor", "null_reason")
_STANDS_FOR = (
    *("entered_by", "submitted_at", "reviewed_by", "reviewed_at", "approved_by", "known_at", "workbook_name", "reason"),
)
_DOCUMENT = ("value", "unit", "source_id", "locator", "source_url", "published_on", "confidence", "evidence", "note")
#: What was declared, by the site's files and by the column that names the item.
_DECLARED = {"production": "product_id", "activity": "item", "stock": "item"}


def of_line(place: Place, line: Mapping[str, Any]) -> Node:
    """Return the tree of one line of the mart."""
    names = ("emissions_tco2e", "activity", "activity_unit", "factor", "factor_unit", "gwp", "gwp_set", "basis")
    facts = {name: line[name] for name in names}
    members = _members(place, line)
    rests_on = members or (*_activity(place, line), *_factor(place, line))
    rule = Node("clause", str(line["method_clause"]), _clause(str(line["method_clause"])))
    return Node("number", str(line["lineage_id"]), facts, (*rests_on, rule, _code(place)))


def _members(place: Place, line: Mapping[str, Any]) -> tuple[Node, ...]:
    """Return the members' lines that a park's line is the sum of; none for a legal entity of its own."""
    below = [row["organization_id"] for row in place.rows(_BELOW, [line["organization_id"]])]
    if not below:
        return ()
    same = " and ".join(f"{name} is not distinct from ?" for name in _KEY)
    listed = ", ".join("?" for _ in below)
    query = f"select * from {MART} where not is_internal and organization_id in ({listed}) and {same}"
    values = [*below, *(line[name] for name in _KEY)]
    return tuple(of_line(place, one) for one in place.rows(f"{query} order by organization_id", values))


def _activity(place: Place, line: Mapping[str, Any]) -> tuple[Node, ...]:
    metered = _metered(place, line)
    return (*metered, *_declared(place, line))


def _metered(place: Place, line: Mapping[str, Any]) -> tuple[Node, ...]:
    use, roles = _COUNTED.get(str(line["source_category"]), (None, (*_BOUGHT, "end_use", *_SOLD)))
    asked = [line["month"], line["organization_id"], line["carrier"], list(roles), use, line["is_internal"]]
    return tuple(_point(place, row, line["month"]) for row in place.rows(_POINTS, asked))


def _point(place: Place, row: Mapping[str, Any], month: date) -> Node:
    facts = {name: value for name, value in row.items() if name != "point_id"}
    intervals = place.rows(_INTERVALS, [row["point_id"], month])[0]
    made = Node(
        "intervals", f"{row['point_id']}/{month:%Y-%m}", intervals, readings.of_point(place, row["point_id"], month)
    )
    return Node("point", str(row["point_id"]), facts, (made,))


def _declared(place: Place, line: Mapping[str, Any]) -> tuple[Node, ...]:
    found: list[Node] = []
    for thing, item in _DECLARED.items():
        for row in place.thing(thing):
            mine = row["organization_id"] == line["organization_id"] and row["month"] == line["month"]
            if mine and row.get(item) == line["carrier"]:
                found.append(_row(place, thing, row))
    if line["method_term"] == "certificate":
        key = ("organization_id", "month")
        matched = [row for row in place.thing("certificates") if all(row[name] == line[name] for name in key)]
        found += [
            Node("row", f"certificates/{row['certificate_id']}", row, _sealed(place, "certificates", row))
            for row in matched
        ]
    return tuple(found)


def _row(place: Place, thing: str, row: Mapping[str, Any]) -> Node:
    """Return a declared row, with the people who stand for it where it was entered and approved in the portal."""
    known = {name: value for name, value in row.items() if name != "entry"}
    name = "/".join(str(row[key]) for key in ("organization_id", _DECLARED[thing], "month"))
    return Node("row", f"{thing}/{name}", known, (*_people(place, row.get("entry")), *_sealed(place, thing, row)))


def _sealed(place: Place, thing: str, row: Mapping[str, Any]) -> tuple[Node, ...]:
    entry = place.sealed(f"ref/{thing}", row)
    return (readings.entry_node(entry),) if entry else ()


def _people(place: Place, entry: object) -> tuple[Node, ...]:
    if not entry:
        return ()
    sheet, _, version = str(entry).rpartition("/")
    told = approved.of(place.lake, approved.source_of(place.lake), sheet)
    return tuple(_approval(place, str(entry), one) for one in told if str(one.line["version"]) == version)


def _approval(place: Place, entry: str, one: approved.Evidence) -> Node:
    kept = [payload for payload in (one.version, one.workbook) if payload]
    files = [
        Node(
            "payload",
            one.digest,
            {"file": str(one.path.relative_to(place.lake.root)), "is_unchanged": one.is_unchanged},
        )
        for one in kept
    ]
    return Node("approval", entry, {name: one.line[name] for name in _STANDS_FOR}, tuple(files))


def _factor(place: Place, line: Mapping[str, Any]) -> tuple[Node, ...]:
    if line["factor_id"] is None:
        return ()
    facts = {name: line[name] for name in ("factor", "factor_unit", "factor_set", "factor_rule", "factor_confidence")}
    below = [
        Node("factor_value", f"{row['factor_id']}/{row['property']}", _value(row), _sealed(place, thing, row))
        for thing in ("factor_numbers", "factor_numbers_own")
        for row in place.thing(thing)
        if row["factor_id"] == line["factor_id"]
    ]
    return (Node("factor", str(line["factor_id"]), facts, (*below, *_samples(place, line))),)


def _value(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a number of the library with the document that it was read in."""
    return {name: row.get(name) for name in _DOCUMENT}


def _samples(place: Place, line: Mapping[str, Any]) -> tuple[Node, ...]:
    """Return the laboratory's reports that a measured factor rests on."""
    if "measured" not in str(line["method_term"]) and "measured" not in str(line["factor_rule"]):
        return ()
    mine = [
        row
        for row in place.thing("lab_results")
        if row["material"] == line["carrier"] and f"{row['sampled_on']:%Y-%m}" == f"{line['month']:%Y-%m}"
    ]
    return tuple(
        Node("sample", f"{row['sample_id']}/{row['property']}", row, _people(place, row.get("entry"))) for row in mine
    )


def _clause(key: str) -> dict[str, Any]:
    found = vocabulary.clauses().get(key)
    return {} if found is None else {"standard": found.standard, "equation": found.equation, "locator": found.locator}


def _code(place: Place) -> Node:
    shown = place.manifest
    return Node("publication", str(shown.number), {
        "published_at": shown.published_at, "run_id": shown.run_id, "code_hash": shown.code_hash
    })  # fmt: skip


_BELOW = """
    select distinct organization_id from reference.organizations where parent_id = $1
"""
_POINTS = """
    select point_id, carrier, use_type, role, quantity, quantity_unit
    from energy.consumption_points_monthly
    where month = $1 and organization_id = $2 and carrier = $3 and list_contains($4, role)
        and ($5 is null or use_type = $5) and starts_with(role, 'internal_') = $6
    order by role, point_id
"""
_INTERVALS = """
    select count(*) as intervals, sum(quantity) as quantity, any_value(quantity_unit) as quantity_unit,
        count(*) filter (where quality = 'measured') as measured,
        count(*) filter (where quality = 'interpolated') as interpolated,
        count(*) filter (where quality = 'estimated') as estimated,
        count(*) filter (where quality = 'substituted') as substituted,
        count(*) filter (where quality = 'missing') as missing
    from energy.intervals where point_id = $1 and month = $2
"""
