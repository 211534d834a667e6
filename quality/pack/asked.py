"""What a pack is asked for: whose figures, of which period, and everything that it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from lake import periods, publication, tablerows
from lake.errors import LakeError
from lake.manifest import Manifest
from lake.site.load import SiteSettings
from lake.store import Lake
from quality.evidence import chain, keys
from quality.evidence.chain import Entry, Head

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Readings so far beyond the period still decide about its first and last interval.
_BESIDE = timedelta(days=2)
#: What was not read is estimated from the weeks before it; the gap may end as far behind the period.
_ESTIMATED = ("estimated", "substituted", "missing")


@dataclass(frozen=True)
class Asked:
    """A pack to be made. `period` is 2025 or 2025-12; without an organisation it is the whole site's."""

    lake: Lake
    marts: "DuckDBPyConnection"
    site: Path
    settings: SiteSettings
    project: Path
    key: keys.PrivateKey
    version: str
    period: str
    organization: str | None = None

    @cached_property
    def bounds(self) -> tuple[date, date]:
        """The first day of the period and the day after its last."""
        found = periods.period(self.period)
        return found.first, periods.next_month(found.last)

    @cached_property
    def published(self) -> Manifest:
        """The publication that the figures are taken from; raises LakeError where there is none."""
        found = publication.last_manifest(self.lake)
        if found is None:
            raise LakeError(f"{self.lake.root}: nothing was published in it yet; run the site first")
        return found

    @cached_property
    def heads(self) -> list[Head]:
        """The heads of the evidence chain; raises LakeError where nothing was sealed."""
        found = chain.heads(self.lake)
        if not found:
            raise LakeError(f"{self.lake.root}: nothing was sealed in it yet; run the site first")
        return found

    @cached_property
    def entries(self) -> list[Entry]:
        """The entries that the last head covers."""
        return chain.entries(self.lake, self.heads[-1])

    @cached_property
    def stretch(self) -> tuple[datetime, datetime]:
        """From which to which instant readings are needed: further where something was estimated."""
        zone = ZoneInfo(self.settings.timezone)
        begin, end = (periods.day_start(day, zone) for day in self.bounds)
        first, last = self.bounds
        found = self.marts.execute(
            "select 1 from energy.intervals where month >= $1 and month < $2 and list_contains($3, quality) limit 1",
            [first, last, list(_ESTIMATED)],
        ).fetchall()
        beside = periods.HISTORY + timedelta(days=1) if found else _BESIDE
        return begin - beside, end + beside

    def thing(self, name: str) -> pa.Table:
        """Return the rows of a table of the site or the library as they were published."""
        known = self.published.ref.get(name)
        if not self.lake.exists("ref", name) or known is None:
            raise LakeError(f"ref/{name}: not in {self.lake.root}; run the site first")
        table = DeltaTable(self.lake.path("ref", name))
        rows = tablerows.read(self.lake.path("ref", name)) if table.file_uris() else _empty(table)
        at = pa.scalar(datetime.fromisoformat(known), rows.schema.field("known_at").type)
        return rows.filter(pc.field("known_at") == at)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the same as records."""
        found: list[dict[str, Any]] = self.thing(name).to_pylist()
        return found


def _empty(table: DeltaTable) -> pa.Table:
    schema: pa.Schema = pa.schema(table.schema().to_arrow())
    return schema.empty_table()


def variables(asked: Asked, price_minutes: int) -> Mapping[str, Any]:
    """Return what the statements of a run over everything were made with."""
    from lake import worklist

    newest = datetime.fromisoformat(str(asked.published.newest_reading_at))
    zone = ZoneInfo(asked.settings.timezone)
    return {
        **worklist.variables(asked.settings),
        "run_id": "pack",
        "whole": "all",
        "months": [],
        "newest_days_from": (newest.astimezone(zone).date() - timedelta(days=1)).isoformat(),
        "price_minutes": price_minutes,
        "hour_phase_seconds": periods.hour_phase(zone, newest),
    }
