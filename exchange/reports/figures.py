"""What a report reads: the published marts, the site and the library as they were published, of one owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lake import closings, publication, tablerows
from lake.errors import LakeError
from lake.manifest import Manifest
from lake.periods import Period
from lake.store import Lake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = Mapping[str, Any]
_ORGANIZATIONS = "from reference.organizations order by level, organization_id"


@dataclass
class Figures:
    """An open lake, and whom and when a report is about. `evidence` is the head of the chain as it is handed out.

    `product_id` is one product of a footprint report, or None: all of the organisation.
    """

    lake: Lake
    marts: "DuckDBPyConnection"
    organization_id: str
    period: Period
    language: str
    evidence: Mapping[str, Any] | None
    product_id: str | None = None
    _things: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    def rows(self, query: str, **values: object) -> list[dict[str, Any]]:
        """Return the rows of a query; it may name $organization, $first and $last, the months of the period."""
        known = {"organization": self.organization_id, "first": self.period.first, "last": self.period.last} | values
        used = {name: value for name, value in known.items() if f"${name}" in query}
        cursor = self.marts.execute(query, used)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def has(self, mart: str) -> bool:
        """Return whether a mart is published."""
        return mart in self.manifest.marts

    def thing(self, name: str) -> Sequence[Row]:
        """Return the rows of a table of the site or the library as they were published; none where there is none."""
        if name not in self._things:
            self._things[name] = publication.table_of(self.lake, self.manifest, name)
        return self._things[name]

    def versions(self, name: str) -> Sequence[Row]:
        """Return the rows of every version of a table of the site up to the publication's; each has its known_at."""
        until = self.manifest.ref.get(name)
        if until is None or not self.lake.exists("ref", name):
            return []
        rows = tablerows.read(self.lake.path("ref", name)).to_pylist()
        return [row for row in rows if row["known_at"].isoformat() <= until]

    def name(self, row: Row, stem: str) -> str:
        """Return a name of a row in the language of the report, else in the other one, else its code."""
        other = "en" if self.language == "zh" else "zh"
        return str(
            row.get(f"{stem}_{self.language}")
            or row.get(f"{stem}_{other}")
            or row.get(stem.removesuffix("_name"))
            or ""
        )

    @cached_property
    def standing(self) -> closings.Standing:
        """Which months are closed, as of now."""
        return closings.standing(self.lake)

    @cached_property
    def manifest(self) -> Manifest:
        """The publication that the marts show; raises LakeError where nothing was published."""
        found = publication.last_manifest(self.lake)
        if found is None:
            raise LakeError(f"{self.lake.root}: nothing was published in it yet; run the site first")
        return found

    @cached_property
    def organization(self) -> Row:
        """The owner's row of reference.organizations; raises LakeError where there is none."""
        found = {row["organization_id"]: row for row in self.rows(_ORGANIZATIONS)}
        if self.organization_id not in found:
            raise LakeError(f"the site has no organization {self.organization_id!r}: it has {', '.join(found)}")
        return found[self.organization_id]

    @cached_property
    def members(self) -> list[dict[str, Any]]:
        """The legal entities directly below the owner; none where it is no park."""
        return [row for row in self.rows(_ORGANIZATIONS) if row["parent_id"] == self.organization_id]

    @cached_property
    def months(self) -> list[Any]:
        """The months of the period that have accounted emissions or energy."""
        query = """
            select distinct month from energy.comprehensive_monthly
            where organization_id = $organization and month between $first and $last order by month
        """
        return [row["month"] for row in self.rows(query)]


def root_organization(marts: "DuckDBPyConnection") -> str:
    """Return the legal entity at the top of the site; raises LakeError where several stand there."""
    query = "select organization_id from reference.organizations where parent_id is null order by organization_id"
    found = [str(row[0]) for row in marts.execute(query).fetchall()]
    if len(found) != 1:
        raise LakeError(f"the site has {len(found)} legal entities at its top ({', '.join(found)}): name one")
    return found[0]
