"""The two sides of a bridge: marts and the site's things as they were told before, and as they are told now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lake import tablerows
from lake.store import Lake
from methods.restatement import causes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Things whose rows say how a point is read.
SITE = frozenset({"points", "meters", "meter_events"})
#: Things whose rows say what belongs to whom.
BOUNDARY = frozenset({"organizations", "organization_closure", "energy_units", "unit_closure", "allocations"})


@dataclass(frozen=True)
class Side:
    """One side: `relation` gives the SQL of a mart, `things` the version (knowledge time) of each thing of ref/."""

    relation: Callable[[str], str]
    things: Mapping[str, str]
    code: Mapping[str, str]


@dataclass(frozen=True)
class Sides:
    """Both sides in one connection, and the SQL conditions on raw readings: new since the old side, known to it.

    The conditions may name the table `wanted`, which has the points that are looked at.
    """

    connection: "DuckDBPyConnection"
    lake: Lake
    old: Side
    new: Side
    is_new: str
    is_old: str
    timezone: str
    newest_then: datetime
    interval_minutes: int
    _kept: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    @cached_property
    def changed(self) -> frozenset[str]:
        """The things of which the two sides know different versions."""
        then, now = self.old.things, self.new.things
        return frozenset(thing for thing in {*then, *now} if then.get(thing) != now.get(thing))

    @cached_property
    def is_other_code(self) -> bool:
        """Whether models or methods that the old side was made by are other ones now."""
        return any(self.new.code.get(name) != told for name, told in self.old.code.items() if name != "python")

    @cached_property
    def rest(self) -> str:
        """The cause of what no reading and no declared row explains."""
        if self.changed & BOUNDARY:
            return causes.BOUNDARY
        if self.changed & SITE:
            return causes.SITE
        return causes.METHOD if self.is_other_code else causes.UNEXPLAINED

    def parks(self, side: Side) -> set[str]:
        """Return the organisations that have members, as a side knows them."""
        return {row["ancestor"] for row in self.thing(side, "organization_closure") if row["distance"]}

    def within(self, side: Side) -> dict[str, set[str]]:
        """Return whose figures make up each organisation's: its own, or those of its members without members."""
        parks, found = self.parks(side), dict[str, set[str]]()
        for row in self.thing(side, "organization_closure"):
            if row["descendant"] not in parks:
                found.setdefault(row["ancestor"], set()).add(row["descendant"])
        return found

    def thing(self, side: Side, name: str) -> list[dict[str, Any]]:
        """Return the rows of a thing as a side knows them; none where it does not know it."""
        known = side.things.get(name)
        if known is None:
            return []
        if (name, known) not in self._kept:
            if not self.lake.exists("ref", name):
                return []
            at = datetime.fromisoformat(known)
            rows = tablerows.read(self.lake.path("ref", name), filters=[("known_at", "=", at)]).to_pylist()
            self._kept[name, known] = rows
        return self._kept[name, known]

    def rows(self, query: str, **values: object) -> list[dict[str, Any]]:
        """Return the rows of a query; `{old:schema.table}` and `{new:schema.table}` are a mart of a side."""
        found: list[dict[str, Any]] = (
            self.connection.sql(self.filled(query), params=values or None).to_arrow_table().to_pylist()
        )
        return found

    def filled(self, query: str) -> str:
        """Return a query with the marts of both sides in it."""
        for name, side in (("old", self.old), ("new", self.new)):
            opened = "{" + name + ":"
            while opened in query:
                before, _, after = query.partition(opened)
                mart, _, after = after.partition("}")
                query = f"{before}({side.relation(mart)}){after}"
        return query
