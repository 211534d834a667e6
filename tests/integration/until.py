"""Running the collector until something is so, however slow the machine is."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingestion import collector
from ingestion.collector import Collected, Until
from lake.site.load import Site
from lake.store import Lake
from lake.tablerows import read

_PATIENCE = 90.0


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def collected_until(lake: Lake, site: Site, is_so: Callable[[], bool]) -> Collected:
    """Collect from the source `meter` until it is so, and return what it gave."""
    until, found = Until(), {}
    thread = threading.Thread(target=lambda: found.update(collector.collect(lake, site, until)))
    thread.start()
    try:
        eventually(is_so)
    finally:
        until.event.set()
        thread.join(_PATIENCE)
    return found["meter"]


def rows(lake: Lake, area: str) -> list[dict[str, Any]]:
    """Return what the source `meter` has in raw or quarantine."""
    name = "meter__reading"
    return read(Path(lake.path(area, name))).to_pylist() if lake.exists(area, name) else []


def values(lake: Lake) -> dict[str, set[str]]:
    """Return the values that landed, by point."""
    found: dict[str, set[str]] = {}
    for row in rows(lake, "raw"):
        found.setdefault(row["point_id"], set()).add(f"{row['value'].normalize():f}")
    return found


def reasons(lake: Lake) -> set[str]:
    """Return why rows were refused."""
    return {row["reason"] for row in rows(lake, "quarantine")}
