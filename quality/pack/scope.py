"""Whose rows go into a pack: all of a site, or one organisation's with those that its figures rest on."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from lake.errors import LakeError

if TYPE_CHECKING:
    from quality.pack.asked import Asked

#: Everybody's: who belongs to whom decides about levels and shares.
_SHARED = frozenset({"organizations", "organization_closure", "snapshots"})


@dataclass(frozen=True)
class Scope:
    """The ids that a pack may show, by the column that holds them; empty where it may show all.

    `organizations` are those whose figures are declared.
    """

    ids: dict[str, Set[str]]
    organizations: frozenset[str] | None = None

    @property
    def points(self) -> Set[str] | None:
        """The points whose readings are needed; None where all are."""
        return self.ids.get("point_id")

    def of(self, thing: str, rows: pa.Table) -> pa.Table:
        """Return the rows of a table that belong into the pack; rows that name nobody do."""
        if thing in _SHARED:
            return rows
        for column, allowed in self._ids(thing):
            if column in rows.column_names:
                mine = pc.field(column).isin(sorted(allowed)) | pc.field(column).is_null()
                rows = rows.filter(mine)
        return rows

    def _ids(self, thing: str) -> Iterator[tuple[str, Set[str]]]:
        yield from self.ids.items()
        if thing == "unit_closure" and self.ids:
            yield "descendant", self.ids["energy_unit_id"]


def of(asked: "Asked") -> Scope:
    """Return the scope of what is asked for; raises LakeError where there is no such organisation."""
    if asked.organization is None:
        return Scope({})
    below = {row["descendant"] for row in asked.rows("organization_closure") if row["ancestor"] == asked.organization}
    if not below:
        known = ", ".join(sorted(row["organization_id"] for row in asked.rows("organizations")))
        raise LakeError(f"organisation {asked.organization!r}: not one of this site; choose one of {known}")
    units = {row["energy_unit_id"] for row in asked.rows("energy_units") if row["organization_id"] in below}
    meters = {row["meter_id"] for row in asked.rows("meters") if row["energy_unit_id"] in units}
    points = {row["point_id"] for row in asked.rows("points") if row["meter_id"] in meters}
    points |= {row["point_id"] for row in asked.rows("allocations") if row["energy_unit_id"] in units}
    owners = {row["point_id"]: row["meter_id"] for row in asked.rows("points")}
    meters |= {owners[point] for point in points if point in owners}
    hanging = {row["meter_id"]: row["energy_unit_id"] for row in asked.rows("meters")}
    units |= {hanging[meter] for meter in meters}
    above = {row["energy_unit_id"]: row["organization_id"] for row in asked.rows("energy_units")}
    return Scope(
        {
            "organization_id": below | {above[unit] for unit in units},
            "energy_unit_id": units,
            "meter_id": meters,
            "point_id": points,
        },
        frozenset(below),
    )
