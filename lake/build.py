"""A run's private database: views on exactly one snapshot of the lake, to build the marts from."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lake import (
    asof,
    buildviews,
    locks,
    manifest,
    modelrun,
    models,
    neighbours,
    periods,
    rawfiles,
    statements,
    stepcode,
)
from lake import project as dbt
from lake import worklist as worklists
from lake.engine import Engine, connected
from lake.errors import LakeError
from lake.martwriter import Target
from lake.models import Models
from lake.rebuild import CALENDAR, RECEIVED, SHIFTS, Rebuild
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

    def run_models(self, tell: Callable[[modelrun.Done], None] = lambda _done: None) -> None:
        """Run the models that the worklist names in this build."""
        names = self.worklist.rebuild.models
        if not names:
            return
        found = models.read(self.project)
        sql = statements.of(self.project, found, names, self.variables)
        with connected(self.database, engine=self.engine) as con:
            # rows are put in order where they are written, and what does not fit into memory lies beside the build
            con.execute(f"set preserve_insertion_order = false; set temp_directory = '{self.folder / 'temp'}'")
            con.execute("set partitioned_write_max_open_files = 400")
            # tables live for minutes: what packing them costs is more than what it saves
            con.execute("set force_compression = 'uncompressed'")
            # it takes seconds over the statements with hundreds of columns, and no plan is better for it
            con.execute("set disabled_optimizers = 'projection_pullup'")
            modelrun.run(con, [found.by_name[name] for name in names], sql, self._target, tell)

    @property
    def _target(self) -> Target:
        decided = self.variables
        whole = None if decided["whole"] == "all" else frozenset(decided["whole"])
        return Target(self.marts, self.run_id, decided["newest_days_from"], whole)

    def add_mart(  # noqa: PLR0913 -- what is told of a mart, by name
        self,
        schema: str,
        table: str,
        rows: pa.Table,
        comments: Mapping[str, str] | None = None,
        *,
        bi: bool = True,
        tags: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a small mart that Python made: checks, findings. The comment under the empty name is the mart's own.

        `tags` are its grade and the kinds of its sensitive columns.
        """
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
            told = {"bi": bi, "comments": dict(comments or {}), **(tags or {})}
            described = json.dumps(told, ensure_ascii=False)
            con.execute("insert into meta.built values ($1, $2, null, $3)", [schema, table, described])


@contextmanager
def running(lake: Lake) -> Iterator[None]:
    """Be the one run that builds and publishes; a second one gets a clear error."""
    with locks.held(lake.root / "locks" / "run.lock", "this lake's marts"):
        yield


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
    found = models.read(project)
    folder = lake.area("build") / run_id
    (folder / "temp").mkdir(parents=True, exist_ok=True)
    database = folder / dbt.DATABASE
    database.unlink(missing_ok=True)
    engine = engine or Engine()
    marts = lake.area("marts") if as_of is None else asof.folder(lake, as_of)
    with connected(database, engine=engine) as con:
        inputs = _fill(con, lake, settings, worklist, found, as_of)
    inputs["code_hash"] = found.code_hash
    inputs["site_id"] = settings.id
    decided = worklists.variables(settings)
    models_code = {model.key: model.fingerprint(decided) for model in found.by_name.values()}
    inputs["models"] = {**models_code, stepcode.KEY: stepcode.fingerprint()}
    _make_room(marts, found, inputs["months"])
    variables = {**decided, **_variables(run_id, worklist, found, inputs)}
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
    chosen = Rebuild(
        frozenset(listed["whole"]), frozenset(listed["by_work"]), tuple(listed["models"]), listed["reasons_of_marts"]
    )
    pairs = pq.read_table(folder / "work.parquet")
    return Build(
        lake=lake,
        run_id=run_id,
        folder=folder,
        database=folder / dbt.DATABASE,
        marts=Path(saved["marts"]),
        project=Path(saved["project"]),
        engine=Engine(**saved["engine"]),
        worklist=Worklist(listed["new_rows"], listed["is_full"], pairs, chosen, tuple(listed["reasons"])),
        as_of=datetime.fromisoformat(saved["as_of"]) if saved["as_of"] else None,
        variables=saved["variables"],
        inputs=saved["inputs"],
    )


def _remember(build: Build) -> None:
    work = build.worklist
    pq.write_table(work.pairs, build.folder / "work.parquet")
    saved = {
        "marts": str(build.marts),
        "project": str(build.project),
        "engine": asdict(build.engine),
        "worklist": {
            "new_rows": work.new_rows,
            "is_full": work.is_full,
            "reasons": work.reasons,
            "whole": sorted(work.rebuild.whole),
            "by_work": sorted(work.rebuild.by_work),
            "models": work.rebuild.models,
            "reasons_of_marts": dict(work.rebuild.reasons),
        },
        "as_of": build.as_of.isoformat() if build.as_of else None,
        "variables": build.variables,
        "inputs": build.inputs,
    }
    (build.folder / "build.json").write_text(json.dumps(saved, default=str, ensure_ascii=False), encoding="utf-8")


def _make_room(marts: Path, found: Models, months: Sequence[str]) -> None:
    """Make the folder of every mart that the project has a model of: DuckDB makes files, not folders above them."""
    for model in found.marts.values():
        folder = marts / model.schema / model.table
        folder.mkdir(parents=True, exist_ok=True)
        for month in months if model.partition_by else ():
            (folder / f"month={month}").mkdir(exist_ok=True)


def _fill(  # noqa: PLR0913, PLR0917 -- what a database is filled from
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    settings: SiteSettings,
    work: Worklist,
    found: Models,
    as_of: datetime | None,
) -> dict[str, Any]:
    zone = ZoneInfo(settings.timezone)
    versions = rawfiles.reading_versions(lake)
    files = rawfiles.by_month(lake, versions)
    reach = rawfiles.span(con, files, as_of)
    all_months = _months(reach, zone)
    last = manifest.last(lake.area("marts")) if as_of is None else None
    kept = found.marts.keys() - work.rebuild.whole - work.rebuild.by_work
    since = (work.days[0] - periods.HISTORY).replace(day=1) if work.days else None
    buildviews.published(con, lake.area("marts"), last, kept, since)
    buildviews.work(con, work.pairs, zone)
    by_days = not work.is_full and not work.rebuild.needs_all(found, CALENDAR, SHIFTS, RECEIVED)
    stretches = periods.day_windows(work.days, zone) if by_days else periods.windows(all_months, zone)
    needs_all = work.is_full or work.rebuild.needs_all(found, RECEIVED)
    needed = None if needs_all else _read_days(con, files, work.pairs, zone)
    quarantine = buildviews.received(con, lake, versions, needed, as_of)
    ref = buildviews.reference(con, lake, as_of)
    first, newest = reach or (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
    minutes = settings.interval_minutes
    hours = periods.calendar_hours(stretches, zone)
    buildviews.meta(con, hours, newest, minutes, (newest - first) // timedelta(minutes=minutes))
    buildviews.production_periods(con, hours)
    buildviews.history(con, periods.calendar_hours(periods.with_history(stretches, newest), zone))
    return {
        "raw": {**versions, **_batch_versions(lake)},
        "quarantine": quarantine,
        "ref": {thing: at.isoformat() for thing, at in ref.items()},
        "newest_reading_at": newest.isoformat() if reach else None,
        "months": [month.isoformat() for month in all_months],
        "period": (all_months[0].isoformat(), all_months[-1].isoformat()) if all_months else None,
        "newest_days_from": _newest_days(newest, zone).isoformat() if reach else "",
        "price_minutes": price_minutes(con),
        "hour_phase_seconds": periods.hour_phase(zone, newest),
    }


def _newest_days(newest: datetime, zone: ZoneInfo) -> date:
    """Return the first of the days that the next readings will touch: as far as they reach, a day and its gaps."""
    return newest.astimezone(zone).date() - timedelta(days=2)


def _batch_versions(lake: Lake) -> dict[str, int]:
    return {name: lake.delta("raw", name).version() for name in lake.tables("raw") if name.endswith("__batch")}


def _months(reach: tuple[datetime, datetime] | None, zone: ZoneInfo) -> list[date]:
    if reach is None:
        return []
    return periods.months_between(periods.local_month(reach[0], zone), periods.local_month(reach[1], zone))


def _read_days(con: duckdb.DuckDBPyConnection, files: neighbours.Files, pairs: pa.Table, zone: ZoneInfo) -> pa.Table:
    """Return (point_id, day in UTC) of the readings that the pairs need: their days and those up to the neighbours."""
    con.register("pairs", pairs)
    stretches = con.sql(
        """
        select point_id, timezone($zone, cast(min(local_date) as timestamp)) as from_at,
            timezone($zone, cast(max(local_date) + 1 as timestamp)) as to_at
        from (
            select point_id, local_date,
                local_date - cast(row_number() over (partition by point_id order by local_date) as integer) as island
            from pairs
        )
        group by point_id, island
        """,
        params={"zone": zone.key},
    ).to_arrow_table()
    con.unregister("pairs")
    con.register("reached_rows", neighbours.reach(con, files, stretches))
    found = con.sql(
        "select distinct point_id, cast(unnest(generate_series(date_trunc('day', coalesce(before_at, from_at)), "
        "coalesce(after_at, to_at), interval 1 day)) as date) as day from reached_rows"
    ).to_arrow_table()
    con.unregister("reached_rows")
    return found


def price_minutes(con: duckdb.DuckDBPyConnection) -> int:
    """Return the longest slot that no price band of the site cuts: 60, 30, 15, 10, 5 or 1 minutes."""
    rows = con.execute("select start_time from ref.tariffs union select end_time from ref.tariffs").fetchall()
    minutes = {int(str(row[0])[-2:]) for row in rows if row[0]}
    return next(size for size in (60, 30, 15, 10, 5, 1) if all(minute % size == 0 for minute in minutes))


def _variables(run_id: str, work: Worklist, found: Models, inputs: Mapping[str, Any]) -> dict[str, Any]:
    marts_whole = {found.marts[mart].name for mart in work.rebuild.whole}
    whole = found.behind(marts_whole, marts_whole)
    return {
        "run_id": run_id,
        "whole": "all" if work.is_full else sorted(whole),
        "months": sorted({day.replace(day=1).isoformat() for day in work.days}),
        "newest_days_from": inputs["newest_days_from"],
        "price_minutes": inputs["price_minutes"],
        "hour_phase_seconds": inputs["hour_phase_seconds"],
    }
