"""The orchestrator's memory of runs: it grows by some hundred kilobytes a run, and nothing rests on it."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from lake.retention import Item, Policy
from pipelines import home
from pipelines.settings import Settings

RUN = "run"
#: So many of the last runs stay, however old they are.
_LAST = 50


def runs(settings: Settings, policy: Policy, now: datetime) -> list[Item]:
    """Return the runs that the policy lets go, as the files of their events, oldest first."""
    if not settings.dagster_home.exists():
        return []
    with home.instance(settings.dagster_home) as instance:
        limit = now - timedelta(days=policy.runs_days)
        ended = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE])
        records = instance.get_run_records(filters=ended)[_LAST:]
        made = {record.dagster_run.run_id: record.create_timestamp.astimezone(UTC) for record in records}
    items = [_item(settings, run_id, at) for run_id, at in made.items() if at < limit]
    return sorted(items, key=lambda item: item.made_at)


def forget(settings: Settings, items: list[Item]) -> int:
    """Let the orchestrator forget these runs; return the bytes that are free again."""
    with home.instance(settings.dagster_home) as instance:
        for item in items:
            instance.delete_run(item.path.stem)
    for item in items:
        for path in (item.path, *item.path.parent.glob(f"{item.path.name}-*")):
            path.unlink(missing_ok=True)
        shutil.rmtree(_storage(settings) / item.path.stem, ignore_errors=True)
    return sum(item.size_bytes for item in items)


def _item(settings: Settings, run_id: str, at: datetime) -> Item:
    path = settings.dagster_home / "history" / "runs" / f"{run_id}.db"
    return Item(path, RUN, at, path.stat().st_size if path.exists() else 0)


def _storage(settings: Settings) -> Path:
    return settings.dagster_home / "storage"
