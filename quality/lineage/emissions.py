"""From a line of carbon.emissions_monthly to what it rests on: activity, factor, rule, members of a park, code."""

from collections.abc import Mapping, Sequence
from typing import Any

from lake import approved, vocabulary
from quality.lineage import carried, readings
from quality.lineage.node import Node
from quality.lineage.place import Place

MART = "carbon.emissions_monthly"
_STANDS_FOR = (
    *("entered_by", "submitted_at", "reviewed_by", "reviewed_at", "approved_by", "known_at", "workbook_name", "reason"),
)
_DOCUMENT = ("value", "unit", "source_id", "locator", "source_url", "published_on", "confidence", "evidence", "note")


def of_line(place: Place, line: Mapping[str, Any], *, deep: bool = True) -> Node:
    """Return the tree of one line of the mart, down to raw readings; not `deep`: as far as evidence.lineage has it."""
    names = ("emissions_tco2e", "activity", "activity_unit", "factor", "factor_unit", "gwp", "gwp_set", "basis")
    facts = {name: line[name] for name in ("organization_id", *names)}
    rests = _Rests(place, line, deep=deep)
    return Node(
        "number", str(line["lineage_id"]), facts, (*rests.activity(), *rests.factor(), rests.clause(), code(place))
    )


class _Rests:
    """What one line rests on, as evidence.lineage has it, each thing with what it rests on in turn."""

    def __init__(self, place: Place, line: Mapping[str, Any], *, deep: bool) -> None:
        self._place, self._line, self._deep = place, line, deep
        self._rows: dict[str, list[dict[str, Any]]] = {}
        for row in place.rows(_RESTS_ON, [line["lineage_id"]]):
            self._rows.setdefault(row["rests_on_kind"], []).append(row)

    def activity(self) -> tuple[Node, ...]:
        """Return the members' lines of a park, or the points and the rows that were declared."""
        members = [row["rests_on_id"] for row in self._rows.get("line", [])]
        if members:
            lines = self._place.rows(
                f"select * from {MART} where list_contains($1, lineage_id) order by all", [members]
            )
            return tuple(of_line(self._place, one, deep=self._deep) for one in lines)
        declared = [*self._rows.get("row", []), *self._rows.get("certificate", [])]
        return (*map(self._point, self._rows.get("point", [])), *map(self._declared, declared))

    def _point(self, row: Mapping[str, Any]) -> Node:
        point, month = str(row["rests_on_id"]), row["month"]
        told = {name: row[name] for name in ("role", "quantity", "quantity_unit")}
        facts = told | readings.instrument(self._place, point)
        if self._deep:
            return Node("point", point, facts, (readings.intervals(self._place, point, month),))
        mine = [one for one in self._rows.get("delivery", []) if one["point_id"] == point]
        batches = dict.fromkeys(one["rests_on_id"] for one in sorted(mine, key=lambda one: one["first_at"]))
        brought = [[one for one in mine if one["rests_on_id"] == batch] for batch in batches]
        return Node("point", point, facts, tuple(map(_brought, brought)))

    def _declared(self, row: Mapping[str, Any]) -> Node:
        thing = str(row["table_name"]).removeprefix("ref/")
        for one in self._place.thing(thing):
            if carried.row_id(thing, one) == row["rests_on_id"]:
                return row_node(self._place, thing, one)
        return Node("row", str(row["rests_on_id"]))

    def factor(self) -> tuple[Node, ...]:
        """Return the factor with its values, each with its document, the reports it was measured by, the potential."""
        line, place = self._line, self._place
        potentials = self._values("potential")
        if line["factor_id"] is None:
            return potentials
        facts = {
            name: line[name] for name in ("factor", "factor_unit", "factor_set", "factor_rule", "factor_confidence")
        }
        named = {row["rests_on_id"] for row in self._rows.get("sample", [])}
        samples = [row for row in place.thing("lab_results") if carried.row_id("lab_results", row) in named]
        below = (*self._values("factor_value"), *(sample(place, row) for row in samples))
        return (Node("factor", str(line["factor_id"]), facts, below), *potentials)

    def _values(self, kind: str) -> tuple[Node, ...]:
        named = {row["rests_on_id"]: str(row["table_name"]).removeprefix("ref/") for row in self._rows.get(kind, [])}
        return tuple(
            Node(kind, name, _value(row), sealed(self._place, thing, row))
            for name, thing in named.items()
            for row in self._place.thing(thing)
            if name in (row["factor_id"], f"{row['factor_id']}/{row.get('property')}")
        )

    def clause(self) -> Node:
        """Return the clause of the rule."""
        return clause(str(self._line["method_clause"]))


def _brought(rows: Sequence[Mapping[str, Any]]) -> Node:
    """Return a delivery as evidence.lineage has it: how many readings, from when to when, in which entries."""
    told = {
        "table": rows[0]["table_name"],
        "rows": sum(row["rows"] for row in rows),
        "first_at": min(row["first_at"] for row in rows),
        "last_at": max(row["last_at"] for row in rows),
    }
    sealed = [
        Node("evidence", str(row["chain_position"]), {"root_hash": row["root_hash"]})
        for row in rows
        if row["chain_position"] is not None
    ]
    return Node("delivery", str(rows[0]["rests_on_id"]), told, tuple(sealed))


def row_node(place: Place, thing: str, row: Mapping[str, Any]) -> Node:
    """Return a declared row, with the people who stand for it where it was entered and approved in the portal."""
    known = {name: value for name, value in row.items() if name != "entry"}
    below = (*people(place, row.get("entry")), *sealed(place, thing, row))
    return Node("row", carried.row_id(thing, row), known, below)


def sealed(place: Place, thing: str, row: Mapping[str, Any]) -> tuple[Node, ...]:
    """Return the entry of the evidence chain that has a row of the site or the library."""
    entry = place.sealed(f"ref/{thing}", row)
    return (readings.entry_node(entry),) if entry else ()


def people(place: Place, entry: object) -> tuple[Node, ...]:
    """Return who entered, reviewed and approved the sheet that a row came by; nobody for a row of a file."""
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


def _value(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a number of the library with the document that it was read in."""
    return {name: row.get(name) for name in _DOCUMENT} | {"value": row.get("value", row.get("gwp"))}


def sample(place: Place, row: Mapping[str, Any]) -> Node:
    """Return a laboratory's report with who stands for it."""
    below = (*people(place, row.get("entry")), *sealed(place, "lab_results", row))
    return Node(
        "sample", carried.row_id("lab_results", row), {name: row[name] for name in row if name != "entry"}, below
    )


def clause(key: str) -> Node:
    """Return a clause with its standard and equation."""
    found = vocabulary.clauses().get(key)
    facts = {} if found is None else {"standard": found.standard, "equation": found.equation, "locator": found.locator}
    return Node("clause", key, facts)


def code(place: Place) -> Node:
    """Return the publication with the version of the code that reckoned it."""
    shown = place.manifest
    return Node("publication", str(shown.number), {
        "published_at": shown.published_at, "run_id": shown.run_id, "code_hash": shown.code_hash
    })  # fmt: skip


_RESTS_ON = f"select * from {carried.MART} where lineage_id = $1 order by all"
