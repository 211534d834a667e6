"""What a run has to rebuild: the months that new readings can change, or all where the rules themselves changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from lake import neighbours, periods, rawfiles
from lake.engine import connected
from lake.manifest import Manifest
from lake.site.load import SiteSettings
from lake.store import Lake


@dataclass(frozen=True)
class Worklist:
    """`months` is None for all of them; `new_rows` is false where a run would change nothing."""

    new_rows: bool
    months: tuple[date, ...] | None
    reasons: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        """Whether every month is rebuilt."""
        return self.months is None


def affected(lake: Lake, last_manifest: Manifest | None, settings: SiteSettings, code_hash: str) -> Worklist:
    """Return the months whose marts can differ from those of the last publication.

    A new reading changes the intervals between its neighbours, so months are taken up to the neighbouring readings of
    the same point on both sides. Everything is rebuilt where the code, the site or the factor library changed.
    """
    if last_manifest is None:
        return Worklist(True, None, ("nothing is published yet",))
    changed = _changed_rules(lake, last_manifest, settings, code_hash)
    if changed:
        return Worklist(True, None, tuple(changed))
    added: list[str] = []
    for table in rawfiles.reading_tables(lake):
        files = _added(lake, table, last_manifest.raw.get(table))
        if files is None:
            return Worklist(True, None, (f"raw/{table}: its log no longer reaches back to the last run",))
        added += files
    refused = {name: lake.delta("quarantine", name).version() for name in lake.tables("quarantine")}
    if not added:
        if refused != dict(last_manifest.quarantine):
            return Worklist(True, (), ("refused rows only",))
        return Worklist(False, (), ("nothing new",))
    zone = ZoneInfo(settings.timezone)
    with connected() as con:
        months = _touched(con, lake, added, zone) | _up_to_now(con, lake, last_manifest, zone)
        months |= _compared_with(con, lake, months, zone)
    return Worklist(True, tuple(sorted(months)), (f"new readings in {len(added)} files",))


def _changed_rules(lake: Lake, last: Manifest, settings: SiteSettings, code_hash: str) -> list[str]:
    reasons = []
    if last.code_hash != code_hash:
        reasons.append("the models changed")
    if last.timezone != settings.timezone:
        reasons.append("the time zone changed")
    known = {thing: at.isoformat() for thing, at in lake.snapshot_times().items()}
    things = sorted(thing for thing in {*known, *last.ref} if known.get(thing) != last.ref.get(thing))
    if things:
        reasons.append(f"changed: {', '.join(things)}")
    return reasons


def _added(lake: Lake, table: str, version: int | None) -> list[str] | None:
    """Return the files with new rows since a version; None where that cannot be told."""
    if version is None:
        return lake.files("raw", table)
    found = lake.added_since("raw", table, version)
    if found is None:
        return None
    paths = [lake.path("raw", table) / entry.path for entry in found]
    return [str(path) for path in paths] if all(Path(path).exists() for path in paths) else None


def _touched(con: duckdb.DuckDBPyConnection, lake: Lake, added: list[str], zone: ZoneInfo) -> set[date]:
    """Return the local months between the neighbours of the new readings."""
    spans = con.sql(
        "select point_id, cast(date_trunc('month', reading_at) as date) as from_month, min(reading_at) as lo, "
        "max(reading_at) as hi from read_parquet($files) group by all",
        params={"files": added},
    ).to_arrow_table()
    files = rawfiles.by_month(lake, rawfiles.reading_versions(lake))
    before, _ = neighbours.around(con, files, _wanted(spans, "lo"), "before")
    after, _ = neighbours.around(con, files, _wanted(spans, "hi"), "after")
    stretches = [
        *zip(spans["lo"].to_pylist(), spans["hi"].to_pylist(), strict=True),
        *zip(before["neighbour_at"].to_pylist(), before["at"].to_pylist(), strict=True),
        *zip(after["at"].to_pylist(), after["neighbour_at"].to_pylist(), strict=True),
    ]
    return _months(set(stretches), zone)


def _wanted(spans: pa.Table, column: str) -> pa.Table:
    return pa.table({"point_id": spans["point_id"], "at": spans[column], "from_month": spans["from_month"]})


def _up_to_now(con: duckdb.DuckDBPyConnection, lake: Lake, last: Manifest, zone: ZoneInfo) -> set[date]:
    """Return the months between the newest reading then and now: a silent point is missing there from now on."""
    newest = rawfiles.span(con, rawfiles.by_month(lake, rawfiles.reading_versions(lake)))
    if newest is None or last.newest_reading_at is None:
        return set()
    then = datetime.fromisoformat(last.newest_reading_at)
    return _months({(then, newest[1])}, zone) if newest[1] > then else set()


def _compared_with(con: duckdb.DuckDBPyConnection, lake: Lake, months: set[date], zone: ZoneInfo) -> set[date]:
    """Return the same months a year later, as far as there are readings: marts show last year beside this one."""
    reach = rawfiles.span(con, rawfiles.by_month(lake, rawfiles.reading_versions(lake)))
    last = periods.local_month(reach[1], zone) if reach else date.min
    return {later for later in (month.replace(year=month.year + 1) for month in months) if later <= last}


def _months(stretches: Iterable[tuple[datetime, datetime]], zone: ZoneInfo) -> set[date]:
    found: set[date] = set()
    ends: Mapping[tuple[date, date], None] = dict.fromkeys(
        (periods.local_month(begin, zone), periods.local_month(end, zone)) for begin, end in stretches
    )
    for first, last in ends:
        found |= set(periods.months_between(first, last))
    return found
