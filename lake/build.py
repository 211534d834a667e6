"""A run's private database: views on exactly one snapshot of the lake, to build the marts from."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lake import buildviews, locks, manifest, neighbours, periods, rawfiles
from lake.engine import Engine, connected
from lake.errors import LakeError
from lake.schemas import UTC as UTC_TYPE
from lake.site.load import SiteSettings
from lake.store import Lake
from lake.worklist import Worklist


@dataclass(frozen=True)
class Build:
    """Where the models are run, and what the publication has to know about it."""

    lake: Lake
    run_id: str
    folder: Path
    database: Path
    marts: Path
    project: Path
    engine: Engine
    worklist: Worklist
    as_of: datetime | None
    variables: dict[str, Any] = field(repr=False)
    inputs: dict[str, Any] = field(repr=False)

    def add_mart(
        self, schema: str, table: str, rows: pa.Table, comments: Mapping[str, str] | None = None, *, bi: bool = True
    ) -> None:
        """Add a small mart that Python made: checks, findings. The comment under the empty name is the mart's own."""
        folder = self.marts / schema / table
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.run_id}.parquet"
        pq.write_table(rows, path, compression="zstd")
        with connected(self.database, engine=self.engine) as con:
            con.execute(f'create schema if not exists "{schema}"')
            con.execute(
                f'create or replace view "{schema}"."{table}" as select * from {buildviews.parquet([str(path)])}'
            )
            con.execute("delete from meta.built where schema_name = $1 and table_name = $2", [schema, table])
            described = json.dumps({"bi": bi, "comments": dict(comments or {})}, ensure_ascii=False)
            con.execute("insert into meta.built values ($1, $2, null, $3)", [schema, table, described])


@contextmanager
def running(lake: Lake) -> Iterator[None]:
    """Be the one run that builds and publishes; a second one gets a clear error."""
    with locks.held(lake.root / "locks" / "run.lock", "this lake's marts"):
        yield


def code_hash(project: Path) -> str:
    """Return a hash of everything that a model's result depends on in the dbt project."""
    digest = hashlib.sha256()
    chosen = [path for path in project.rglob("*") if path.suffix in {".sql", ".yml"}]
    for path in sorted(chosen):
        name = path.relative_to(project)
        if name.parts[0] not in {"target", "logs"}:
            digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def prepare(  # noqa: PLR0913 -- everything that a run decides, by name
    lake: Lake,
    settings: SiteSettings,
    run_id: str,
    worklist: Worklist,
    as_of: datetime | None = None,
    *,
    project: Path,
    engine: Engine | None = None,
) -> Build:
    """Make the database of a run: raw, ref and quarantine as views, and what is to be rebuilt as tables."""
    if as_of is not None:
        worklist = Worklist(True, None, (f"as it was known at {as_of.isoformat()}",))
    folder = lake.area("build") / run_id
    (folder / "temp").mkdir(parents=True, exist_ok=True)
    database = folder / "build.duckdb"
    database.unlink(missing_ok=True)
    engine = engine or Engine()
    marts = lake.area("marts") if as_of is None else lake.root / "marts_asof" / as_of.strftime("%Y%m%dT%H%M%SZ")
    with connected(database, engine=engine) as con:
        inputs = _fill(con, lake, settings, worklist, as_of)
    inputs["code_hash"] = code_hash(project)
    inputs["site_id"] = settings.id
    _make_room(marts, project, inputs["months"])
    variables = _variables(settings, run_id, worklist, marts, inputs)
    build = Build(lake, run_id, folder, database, marts, project, engine, worklist, as_of, variables, inputs)
    _remember(build)
    return build


def reopen(lake: Lake, run_id: str) -> Build:
    """Return a build that was prepared before, from what it left in its folder."""
    folder = lake.area("build") / run_id
    kept = folder / "build.json"
    if not kept.exists():
        raise LakeError(f"build {run_id}: not in {folder.parent}; prepare it again")
    saved = json.loads(kept.read_text(encoding="utf-8"))
    listed = saved["worklist"]
    months = listed["months"] if listed["months"] is None else tuple(map(date.fromisoformat, listed["months"]))
    return Build(
        lake=lake,
        run_id=run_id,
        folder=folder,
        database=folder / "build.duckdb",
        marts=Path(saved["marts"]),
        project=Path(saved["project"]),
        engine=Engine(**saved["engine"]),
        worklist=Worklist(listed["new_rows"], months, tuple(listed["reasons"])),
        as_of=datetime.fromisoformat(saved["as_of"]) if saved["as_of"] else None,
        variables=saved["variables"],
        inputs=saved["inputs"],
    )


def _remember(build: Build) -> None:
    saved = {
        "marts": str(build.marts),
        "project": str(build.project),
        "engine": asdict(build.engine),
        "worklist": asdict(build.worklist),
        "as_of": build.as_of.isoformat() if build.as_of else None,
        "variables": build.variables,
        "inputs": build.inputs,
    }
    (build.folder / "build.json").write_text(json.dumps(saved, default=str, ensure_ascii=False), encoding="utf-8")


def _make_room(marts: Path, project: Path, months: Sequence[str]) -> None:
    """Make the folder of every mart that the project has a model of: DuckDB makes files, not folders above them."""
    for model in (project / "models" / "marts").glob("*/*.sql"):
        folder = marts / model.parent.name / model.stem
        folder.mkdir(parents=True, exist_ok=True)
        if "month_by_month" in model.read_text(encoding="utf-8"):
            for month in months:
                (folder / f"month={month}").mkdir(exist_ok=True)


def _fill(
    con: duckdb.DuckDBPyConnection, lake: Lake, settings: SiteSettings, worklist: Worklist, as_of: datetime | None
) -> dict[str, Any]:
    zone = ZoneInfo(settings.timezone)
    versions = rawfiles.reading_versions(lake)
    files = rawfiles.by_month(lake, versions)
    reach = rawfiles.span(con, files, as_of)
    months = _months(worklist, reach, zone)
    stretches = periods.windows(months, zone)
    published = manifest.last(lake.area("marts")) if as_of is None else None
    buildviews.published(con, lake.area("marts"), published)
    needed = None if worklist.is_full else _needed(con, files, stretches)
    quarantine = buildviews.received(con, lake, versions, needed, as_of)
    ref = buildviews.reference(con, lake, as_of)
    first, newest = reach or (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
    minutes = settings.interval_minutes
    buildviews.meta(
        con, periods.calendar_hours(stretches, zone), newest, minutes, (newest - first) // timedelta(minutes=minutes)
    )
    return {
        "raw": {**versions, **_batch_versions(lake)},
        "quarantine": quarantine,
        "ref": {thing: at.isoformat() for thing, at in ref.items()},
        "newest_reading_at": newest.isoformat() if reach else None,
        "months": [month.isoformat() for month in months],
        "period": (months[0].isoformat(), months[-1].isoformat()) if months else None,
        "price_minutes": _price_minutes(con),
        "hour_phase_seconds": periods.hour_phase(zone, newest),
    }


def _batch_versions(lake: Lake) -> dict[str, int]:
    return {name: lake.delta("raw", name).version() for name in lake.tables("raw") if name.endswith("__batch")}


def _months(worklist: Worklist, reach: tuple[datetime, datetime] | None, zone: ZoneInfo) -> list[date]:
    if worklist.months is not None:
        return list(worklist.months)
    if reach is None:
        return []
    return periods.months_between(periods.local_month(reach[0], zone), periods.local_month(reach[1], zone))


def _needed(
    con: duckdb.DuckDBPyConnection, files: Mapping[date, Sequence[str]], stretches: Sequence[periods.Window]
) -> set[date]:
    """Return the raw partitions of the windows and those where the neighbours of their edges lie."""
    known = con.sql("select point_id, first_reading_at, reading_at from meta.published_latest").to_arrow_table()
    needed: set[date] = set()
    for begin, end in stretches:
        first, last = periods.utc_month(begin), periods.utc_month(end - timedelta(microseconds=1))
        needed |= set(periods.months_between(first, last))
        for at, direction in ((begin, "before"), (end, "after")):
            count = known.num_rows
            wanted = pa.table(
                {
                    "point_id": known["point_id"],
                    "at": pa.array([at] * count, UTC_TYPE),
                    "from_month": pa.array([periods.utc_month(at)] * count, pa.date32()),
                }
            )
            needed |= neighbours.around(con, files, wanted, "before" if direction == "before" else "after")[1]
    return needed


def _price_minutes(con: duckdb.DuckDBPyConnection) -> int:
    """Return the longest slot that no price band of the site cuts: 60, 30, 15, 10, 5 or 1 minutes."""
    rows = con.execute("select start_time from ref.tariffs union select end_time from ref.tariffs").fetchall()
    minutes = {int(str(row[0])[-2:]) for row in rows if row[0]}
    return next(size for size in (60, 30, 15, 10, 5, 1) if all(minute % size == 0 for minute in minutes))


def _variables(
    settings: SiteSettings, run_id: str, worklist: Worklist, marts: Path, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "months": "all" if worklist.months is None else [month.isoformat() for month in worklist.months],
        "timezone": settings.timezone,
        "interval_minutes": settings.interval_minutes,
        "price_minutes": inputs["price_minutes"],
        "hour_phase_seconds": inputs["hour_phase_seconds"],
        "marts_root": str(marts),
        "equivalent_basis": settings.equivalent_basis,
        "grid_region": settings.grid_region,
        "gwp_set": settings.gwp_set,
        "factor_sets": settings.factor_sets,
    }
