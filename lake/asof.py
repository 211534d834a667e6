"""What was known at a time: the site's settings as they were then, and the folder of marts made from that knowledge."""

import shutil
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lake import tablerows
from lake.errors import LakeError
from lake.site.load import SiteSettings
from lake.store import Lake

FOLDER = "marts_asof"


def folder(lake: Lake, at: datetime) -> Path:
    """Return where the marts as known at a time lie; the name sorts by time."""
    instant = at.astimezone(UTC)
    return lake.root / FOLDER / instant.strftime("%Y%m%dT%H%M%S.%fZ" if instant.microsecond else "%Y%m%dT%H%M%SZ")


def clear(lake: Lake, at: datetime) -> None:
    """Remove what an earlier run made for the same time: readings may have come since that say they were known then."""
    shutil.rmtree(folder(lake, at), ignore_errors=True)


def settings(lake: Lake, at: datetime, now: SiteSettings) -> SiteSettings:
    """Return the settings that were known at a time; raises LakeError where nothing of the site was known yet."""
    times = lake.snapshot_times(at)
    if "site" not in times:
        first = min(lake.snapshot_times(), default=None)
        known = "nothing of it is known yet" if first is None else "its first version came later"
        raise LakeError(f"site {now.id}: {known}; there is nothing to build as it was known at {at.isoformat()}")
    known_row = _rows(lake, "site", times["site"])[0]
    sets = _rows(lake, "site_factor_sets", times["site_factor_sets"]) if "site_factor_sets" in times else []
    names = {field.name for field in fields(SiteSettings)}
    then: dict[str, Any] = {name: value for name, value in known_row.items() if name in names and value is not None}
    return replace(now, **then, factor_sets={one["kind"]: one["factor_set"] for one in sets})


def _rows(lake: Lake, thing: str, known_at: datetime) -> list[dict[str, Any]]:
    kept = tablerows.read(lake.path("ref", thing), filters=[("known_at", "=", known_at)])
    rows: list[dict[str, Any]] = kept.to_pylist()
    return rows
