"""What a run has to do: the (point, local day) pairs that can differ, the marts that change, and why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from lake import influence, rawfiles, rebuild, siterows, stepcode
from lake.engine import connected
from lake.manifest import Manifest
from lake.models import Models
from lake.rebuild import Change, Rebuild
from lake.site.load import SiteSettings
from lake.store import Lake

#: Marts whose published files tell which points there are and which days were estimated.
_LATEST, _INTERVALS = "energy.readings_latest", "energy.intervals"


#: Things of ref/ that no model reads, but findings or marts that Python makes: published when they change.
_TOLD = frozenset(
    {
        "alert_acknowledgements",
        "alert_rules",
        "allowances",
        "assessment_steps",
        "baselines",
        "benchmark_boundaries",
        "benchmark_corrections",
        "benchmark_standards",
        "benchmark_subjects",
        "budgets",
        "calendar",
        "carbon_deadlines",
        "carbon_prices",
        "closings",
        "credits",
        "data_plan",
        "dispatch",
        "equipment",
        "equipment_efficiency",
        "ets_allocation",
        "ets_deadlines",
        "ets_rules",
        "footprint_releases",
        "operating_parameters",
        "operating_subjects",
        "project_effects",
        "projects",
        "pump_efficiency",
        "quota_rules",
        "recommendation_rules",
        "refused_rows",
        "review_doubts",
        "supplier_acts",
        "supplier_footprints",
        "supplier_materials",
        "suppliers",
        "targets",
    }
)


@dataclass(frozen=True)
class Worklist:
    """`pairs` are (point_id, local_date, reason); `is_full` is a rebuild of everything, which needs none."""

    new_rows: bool
    is_full: bool
    pairs: pa.Table = field(repr=False)
    rebuild: Rebuild = field(repr=False)
    reasons: tuple[str, ...]

    @property
    def months(self) -> tuple[date, ...] | None:
        """The local months of the pairs; None where everything is rebuilt."""
        return None if self.is_full else tuple(sorted({day.replace(day=1) for day in self.days}))

    @property
    def days(self) -> list[date]:
        """The local days of the pairs, in order."""
        days: list[date] = pc.unique(self.pairs["local_date"]).to_pylist()
        return sorted(days)


def words(work: Worklist) -> str:
    """Return what is rebuilt, as a reader of the summary would say it."""
    if work.is_full:
        return "everything"
    whole = sorted(work.rebuild.whole)
    told = []
    if work.pairs.num_rows:
        points = pc.count_distinct(work.pairs["point_id"]).as_py()
        told.append(f"{work.pairs.num_rows} local days of points ({points} points, {len(work.days)} days)")
    if whole:
        told.append(f"{', '.join(whole)} as a whole")
    return " and ".join(told) or "no day of any point"


def full(models: Models, *reasons: str) -> Worklist:
    """Return the worklist of a rebuild of everything."""
    return Worklist(True, True, influence.PAIRS.empty_table(), rebuild.everything(models), reasons)


def affected(lake: Lake, last: Manifest | None, settings: SiteSettings, models: Models) -> Worklist:
    """Return what can differ from the last publication: pairs by the readings that came, whole marts by the rules."""
    if last is None:
        return full(models, "nothing is published yet")
    if last.timezone != settings.timezone:
        return full(models, "the time zone changed")
    added: list[str] = []
    for table in rawfiles.reading_tables(lake):
        files = _added(lake, table, last.raw.get(table))
        if files is None:
            return full(models, f"raw/{table}: its log no longer reaches back to the last run")
        added += files
    return _planned(lake, last, settings, models, added)


def asked_for(work: Worklist, lake: Lake, last: Manifest | None, models: Models, days: tuple[date, date]) -> Worklist:
    """Return the worklist with the first to the last of these days of every point, whatever changed."""
    if work.is_full or last is None:
        return work
    with connected() as con:
        forced = influence.of_days(con, _latest(lake, last), *days, "asked for")
    change = Change(readings=True, batches=True)
    planned = rebuild.plan(models, change, last.marts)
    whole, order = work.rebuild.whole, [model.name for model in models.order]
    running = {*planned.models, *work.rebuild.models}
    both = Rebuild(
        whole,
        (work.rebuild.by_work | planned.by_work) - whole,
        tuple(filter(running.__contains__, order)),
        work.rebuild.reasons,
    )
    return Worklist(True, False, influence.united(work.pairs, forced), both, (*work.reasons, "asked for"))


def _planned(lake: Lake, last: Manifest, settings: SiteSettings, models: Models, added: Sequence[str]) -> Worklist:
    refused = {name: lake.delta("quarantine", name).version() for name in lake.tables("quarantine")}
    things = _changed_things(lake, last)
    points = _concerned(lake, last, things)
    change = Change(
        models=rebuild.changed_models(models, last.models, variables(settings)),
        things=things - siterows.THINGS if points is not None else things,
        rows=things & siterows.THINGS if points is not None else frozenset(),
        readings=bool(added),
        batches=bool(added) or refused != dict(last.quarantine),
        refused=refused != dict(last.quarantine),
    )
    plan = rebuild.plan(models, change, last.marts)
    is_same_code = last.models.get(stepcode.KEY) == stepcode.fingerprint()
    if plan.is_empty and last.code_hash == models.code_hash and is_same_code and not things & _TOLD:
        return Worklist(False, False, influence.PAIRS.empty_table(), plan, ("nothing new",))
    if plan.whole >= models.marts.keys():
        return full(models, *sorted(set(plan.reasons.values())))
    reasons = sorted(set(plan.reasons.values()))
    found = influence.PAIRS.empty_table()
    if added:
        reasons.append(f"new readings in {len(added)} files")
        found = _pairs(lake, last, settings, added)
    if points:
        reasons.append(f"rows of {len(points)} points changed: {', '.join(sorted(change.rows))}")
        found = influence.united(_days_of(lake, points, settings), found)
    if change.refused and not added:
        reasons.append("refused rows only")
    if things & _TOLD:
        reasons.append(f"ref/{', ref/'.join(sorted(things & _TOLD))} changed")
    if not is_same_code:
        reasons.append("the code of marts that Python makes changed")
    return Worklist(True, False, found, plan, tuple(reasons or ["the words of the models changed"]))


def _concerned(lake: Lake, last: Manifest, things: frozenset[str]) -> list[str] | None:
    """Return the points that changed rows of the site concern, where the rest can stay as it is."""
    changed = things & siterows.THINGS
    if not changed:
        return []
    with connected() as con:
        return siterows.concerned(con, lake, changed, last.ref)


def _days_of(lake: Lake, points: Sequence[str], settings: SiteSettings) -> pa.Table:
    files = rawfiles.by_month(lake, rawfiles.reading_versions(lake))
    with connected() as con:
        reach = rawfiles.span(con, files)
        if reach is None:
            return influence.PAIRS.empty_table()
        return influence.of_points(con, files, points, ZoneInfo(settings.timezone), reach[1])


def variables(settings: SiteSettings) -> dict[str, object]:
    """Return the variables of the models that the site decides."""
    return {
        "timezone": settings.timezone,
        "interval_minutes": settings.interval_minutes,
        "equivalent_basis": settings.equivalent_basis,
        "grid_region": settings.grid_region,
        "gwp_set": settings.gwp_set,
        "factor_sets": settings.factor_sets,
        "own_methods": json.loads(settings.own_methods or "{}"),
    }


def _changed_things(lake: Lake, last: Manifest) -> frozenset[str]:
    known = {thing: at.isoformat() for thing, at in lake.snapshot_times().items()}
    return frozenset(thing for thing in {*known, *last.ref} if known.get(thing) != last.ref.get(thing))


def _added(lake: Lake, table: str, version: int | None) -> list[str] | None:
    """Return the files with new rows since a version; None where that cannot be told."""
    if version is None:
        return lake.files("raw", table)
    found = lake.added_since("raw", table, version)
    if found is None:
        return None
    paths = [lake.path("raw", table) / entry.path for entry in found]
    return [str(path) for path in paths] if all(Path(path).exists() for path in paths) else None


def _pairs(lake: Lake, last: Manifest, settings: SiteSettings, added: Sequence[str]) -> pa.Table:
    files = rawfiles.by_month(lake, rawfiles.reading_versions(lake))
    newest = datetime.fromisoformat(last.newest_reading_at) if last.newest_reading_at else None
    known = influence.Known(_latest(lake, last), _intervals(lake, last), newest)
    with connected() as con:
        reach = rawfiles.span(con, files)
        assert reach is not None, "there are new readings"
        return influence.pairs(con, files, added, known, ZoneInfo(settings.timezone), reach[1])


def _latest(lake: Lake, last: Manifest) -> list[str]:
    return [path for paths in _published(lake, last, _LATEST).values() for path in paths]


def _intervals(lake: Lake, last: Manifest) -> Mapping[date, Sequence[str]]:
    mart = last.marts.get(_INTERVALS)
    has_days = mart is not None and "local_date" in mart.columns
    return {month: paths for month, paths in _published(lake, last, _INTERVALS).items() if has_days and month}


def _published(lake: Lake, last: Manifest, name: str) -> dict[date, list[str]]:
    """Return the published files of a mart by month, all under 1970 where it is not partitioned."""
    folder, mart = lake.path("marts", name.replace(".", "/")), last.marts.get(name)
    found: dict[date, list[str]] = {}
    for path in mart.files if mart else ():
        month = rawfiles.month_of("/" + path) if mart and mart.partition_by else date(1970, 1, 1)
        found.setdefault(month, []).append(str(folder / path))
    return found
