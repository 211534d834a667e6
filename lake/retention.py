"""What may go from a lake, and when: only what is made again from the rest, or what nobody was ever told of.

Raw readings, payloads, refusals, versions of the site, evidence, closings, releases, keys and registers have no rule
here, and what has no rule stays: every look back, every proof and every declared figure rests on them. Old data files
of marts are no rule either: a run removes those that none of the last three publications names (`lake/recovery.py`).
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lake import asof, manifest, torn
from lake.store import Lake

LOOK_BACK, TORN = "look_back", "torn"


@dataclass(frozen=True)
class Policy:
    """How many days each kind stays; the last ones of the orchestrator's runs stay in any case."""

    look_backs_days: int = 30
    torn_days: int = 90
    runs_days: int = 90


@dataclass(frozen=True)
class Item:
    """One file or folder that may go, of which kind, when it was made, and what it takes."""

    path: Path
    kind: str
    made_at: datetime
    size_bytes: int


def may_go(lake: Lake, policy: Policy, now: datetime) -> list[Item]:
    """Return what the policy lets go, oldest first."""
    items = [
        *_older(_look_backs(lake), LOOK_BACK, now - timedelta(days=policy.look_backs_days)),
        *_older(_torn(lake), TORN, now - timedelta(days=policy.torn_days)),
    ]
    return sorted(items, key=lambda item: (item.made_at, item.path))


def remove(items: list[Item]) -> int:
    """Remove them and return the bytes that are free again. The caller holds the lake (`build.running`)."""
    for item in items:
        if item.path.is_dir():
            shutil.rmtree(item.path)
        else:
            item.path.unlink(missing_ok=True)
    return sum(item.size_bytes for item in items)


def _look_backs(lake: Lake) -> Iterator[Path]:
    folder = lake.root / asof.FOLDER
    yield from (path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ()


def _torn(lake: Lake) -> Iterator[Path]:
    """Yield what a power cut tore: commits set aside beside their table, and manifests."""
    for area in ("raw", "quarantine", "ref", "evidence", "marts"):
        for name in lake.tables(area):
            yield from (lake.path(area, name) / torn.ASIDE).glob("*")
    yield from (lake.area("marts") / manifest.FOLDER).glob(f"*{manifest.TORN}")


def _older(paths: Iterator[Path], kind: str, limit: datetime) -> Iterator[Item]:
    for path in paths:
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if made_at < limit:
            files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
            yield Item(path, kind, made_at, sum(one.stat().st_size for one in files))
