"""What a walk back reads: published marts, the site and library of that time, raw readings, the evidence chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lake import publication
from lake.engine import connected
from lake.errors import LakeError
from lake.manifest import Manifest
from lake.store import Lake
from quality.evidence import canonical, chain, merkle

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass
class Place:
    """A lake with its published marts, open to read."""

    lake: Lake
    marts: "DuckDBPyConnection"
    _things: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Return the rows of a query on the marts."""
        return _rows(self.marts, query, values)

    def thing(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table of the site or the library as they were published; none where there is none."""
        if name not in self._things:
            self._things[name] = publication.table_of(self.lake, self.manifest, name)
        return self._things[name]

    def raw(self, query: str, values: Sequence[object]) -> list[dict[str, Any]]:
        """Return the rows of a query on files of raw readings, which the door of the marts does not open."""
        with connected() as con:
            return _rows(con, query, values)

    @cached_property
    def manifest(self) -> Manifest:
        """The publication that the marts show; raises LakeError where nothing was published."""
        found = publication.last_manifest(self.lake)
        if found is None:
            raise LakeError(f"{self.lake.root}: nothing was published in it yet; run the site first")
        return found

    def sealed(self, table: str, row: Mapping[str, Any]) -> chain.Entry | None:
        """Return the entry of the evidence chain that has a row which was sealed by itself."""
        if not self.heads:
            return None
        algorithm = self.heads[-1].algorithm
        one = merkle.leaf(canonical.row(row), algorithm)
        found = self.entries.get((table, None), [])
        return next((entry for entry in found if one in chain.split(entry.leaves, algorithm)), None)

    @cached_property
    def heads(self) -> list[chain.Head]:
        """The heads of the evidence chain, the first one first."""
        return chain.heads(self.lake)

    @cached_property
    def entries(self) -> Mapping[tuple[str, str | None], list[chain.Entry]]:
        """The entries of the evidence chain by table and delivery."""
        heads = self.heads
        found: dict[tuple[str, str | None], list[chain.Entry]] = {}
        for entry in chain.entries(self.lake, heads[-1] if heads else None):
            found.setdefault((entry.table_name, entry.batch_id), []).append(entry)
        return found


def _rows(con: "DuckDBPyConnection", query: str, values: Sequence[object]) -> list[dict[str, Any]]:
    cursor = con.execute(query, list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
