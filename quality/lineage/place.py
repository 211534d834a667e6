"""What a walk back reads: published marts, the site and library of that time, raw readings, the evidence chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lake import entries, publication, rawfiles
from lake.engine import connected
from lake.errors import LakeError
from lake.manifest import Manifest
from lake.store import Lake
from quality.evidence import canonical, chain, merkle

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from polars import DataFrame


@dataclass(frozen=True)
class Inputs:
    """What marts were made from: versions of raw tables, when each thing was known, the site's zone, the code."""

    raw: Mapping[str, int]
    ref: Mapping[str, str]
    timezone: str
    code_hash: str


@dataclass
class Place:
    """A lake with its marts, open to read.

    `brought` and `held` keep what was looked at: deliveries of a point and month, readings of an entry of the chain.
    `made_from` says what they were made from, None: as the publication says; `until` is the time looked back to.
    """

    lake: Lake
    marts: "DuckDBPyConnection"
    made_from: Inputs | None = None
    until: datetime | None = None
    brought: dict[tuple[str, date], list[dict[str, Any]]] = field(default_factory=dict, repr=False)
    held: dict[int, "tuple[DataFrame, int]"] = field(default_factory=dict, repr=False)
    _things: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)
    _leaves: dict[str, dict[bytes, chain.Entry]] = field(default_factory=dict, repr=False)

    def rows(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[dict[str, Any]]:
        """Return the rows of a query on the marts."""
        return _rows(self.marts, query, values)

    def thing(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table of the site or the library as they were published; none where there is none."""
        if name not in self._things:
            self._things[name] = publication.table_known(self.lake, self.inputs.ref.get(name), name)
        return self._things[name]

    def lines(self, source: str) -> list[dict[str, Any]]:
        """Return who stands for each approved version of the sheets that came by a source."""
        found: list[dict[str, Any]] = entries.lines(self.lake, source).to_pylist()
        return [line for line in found if self.until is None or line["known_at"] <= self.until]

    def raw(self, query: str, values: Mapping[str, object]) -> list[dict[str, Any]]:
        """Return the rows of a query on files of raw readings, which the door of the marts does not open."""
        with connected() as con:
            return _rows(con, query, values)

    @cached_property
    def inputs(self) -> Inputs:
        """What the marts were made from."""
        if self.made_from is not None:
            return self.made_from
        shown = self.manifest
        return Inputs(shown.raw, shown.ref, shown.timezone, shown.code_hash)

    @cached_property
    def reading_files(self) -> Mapping[str, Mapping[date, Sequence[str]]]:
        """The files of raw readings that the marts were made from, by table and UTC month."""
        found: dict[str, Mapping[date, Sequence[str]]] = {}
        for table in rawfiles.reading_tables(self.lake):
            version = self.inputs.raw.get(table)
            if version is not None:
                # compaction and a restored lake leave an older version behind: what it has is in the newest one
                known = self.lake.delta("raw", table).version() >= version
                files = self.lake.files("raw", table, version if known else None)
                by_month: dict[date, list[str]] = {}
                for file in files:
                    by_month.setdefault(rawfiles.month_of(file), []).append(file)
                found[table] = by_month
        return found

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
        if table not in self._leaves:
            found = self.entries.get((table, None), [])
            told = [(one, entry) for entry in found for one in chain.split(entry.leaves, algorithm)]
            self._leaves[table] = dict(reversed(told))  # of equal rows the entry that had it first
        return self._leaves[table].get(merkle.leaf(canonical.row(row), algorithm))

    @cached_property
    def heads(self) -> list[chain.Head]:
        """The heads of the evidence chain, the first one first."""
        return [one for one in chain.heads(self.lake) if self.until is None or one.sealed_at <= self.until]

    @cached_property
    def entries(self) -> Mapping[tuple[str, str | None], list[chain.Entry]]:
        """The entries of the evidence chain by table and delivery."""
        heads = self.heads
        found: dict[tuple[str, str | None], list[chain.Entry]] = {}
        for entry in chain.entries(self.lake, heads[-1] if heads else None):
            found.setdefault((entry.table_name, entry.batch_id), []).append(entry)
        return found

    @cached_property
    def log(self) -> list[bytes]:
        """The leaf of each entry in the log, in their order."""
        every = sorted(
            (entry for found in self.entries.values() for entry in found), key=lambda one: one.chain_position
        )
        return [entry.leaf(self.heads[-1].algorithm) for entry in every]


def _rows(
    con: "DuckDBPyConnection", query: str, values: Sequence[object] | Mapping[str, object]
) -> list[dict[str, Any]]:
    cursor = con.execute(query, values if isinstance(values, Mapping) else list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
