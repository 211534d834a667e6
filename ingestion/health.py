"""What the collector knows of each source: when it was last heard of, what it gave, when it was away, how its clock is.

It is written beside the lake's tables every few seconds, for the status page and for the next run; a collector that is
killed forgets nothing older than that, and says afterwards for how long it did not run.
"""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingestion.source import now
from lake.batch import Landed

#: Outages of a source that are kept; older ones are forgotten.
KEPT_OUTAGES = 200
#: How far the clock of a device may be away before it is told.
CLOCK_TOLERANCE_S = 60.0
_CLOCK_WINDOW = timedelta(minutes=5)
_CLOCKS = 5000
_FILE = "collector.json"


class Health:
    """One source. The threads that listen and that land write it, another reads it."""

    def __init__(self, source: str, kind: str, before: Mapping[str, Any] | None = None) -> None:
        """Take over the outages that were known before."""
        self.source = source
        self.kind = kind
        self.backlog = 0
        self.unkept = 0
        self._guard = threading.Lock()
        self._outages: list[dict[str, Any]] = list((before or {}).get("outages", ()))
        self._away: dict[str, Any] | None = None
        while _is_open(self._outages):
            self._away = self._outages.pop()  # a hold-up that lasted goes on as the outage that it was
        self._held_up: dict[str, Any] | None = None
        self._last_arrival_at: datetime | None = None
        self._arrivals = 0
        self._reconnects = 0
        self._counts = Counter[str]()
        self._reasons = Counter[str]()
        self._clocks: dict[str, tuple[float, datetime]] = {}

    def arrived(self, item: Any) -> None:  # noqa: ANN401 - each source has its own kind of arrival
        """Note an arrival; where it tells the clock of its device, how far that is away."""
        at = now()
        told = getattr(item, "device_clock", None)
        with self._guard:
            self._last_arrival_at = at
            self._arrivals += 1
            if told is not None and (told[0] in self._clocks or len(self._clocks) < _CLOCKS):
                device, offset_s = told
                best, since = self._clocks.get(device, (offset_s, at))
                # what is on its way for long looks late: the least late of a few minutes says how the clock stands
                self._clocks[device] = (
                    (offset_s, at) if at - since > _CLOCK_WINDOW or offset_s >= best else (best, since)
                )

    def landed(self, landed: Landed) -> None:
        """Note a batch that is kept."""
        with self._guard:
            self._counts.update(
                batches=1, landed=landed.rows_landed, repeated=landed.rows_repeated, refused=landed.rows_refused
            )
            self._reasons.update(landed.reasons)

    def say(self, away: str | None) -> None:
        """Note that the source is away, or in part, and why; None where it is there again."""
        with self._guard:
            self._reconnects += away is None and self._away is not None
            self._away = self._noted(self._away, away)

    def hold_up(self, trouble: str | None) -> None:
        """Note that the lake does not take what arrives, and why; None where it does again."""
        with self._guard:
            self._held_up = self._noted(self._held_up, trouble)

    def missed(self, from_at: str, to_at: str) -> None:
        """Note that nobody listened."""
        with self._guard:
            self._outages.append({"from_at": from_at, "to_at": to_at, "reason": "the collector did not run"})
            self._outages.sort(key=lambda one: str(one["from_at"]))

    def _noted(self, lasting: dict[str, Any] | None, trouble: str | None) -> dict[str, Any] | None:
        """Return the outage that lasts now; one that ends is kept."""
        if trouble is not None:
            return {"from_at": lasting["from_at"] if lasting else _text(now()), "to_at": None, "reason": trouble}
        if lasting is not None:
            self._outages.append({**lasting, "to_at": _text(now())})
            del self._outages[:-KEPT_OUTAGES]
        return None

    def facts(self) -> dict[str, Any]:
        """Return everything, as JSON can say it."""
        with self._guard:
            device, offset_s = _worst(self._clocks)
            lasting = [one for one in (self._held_up, self._away) if one]
            return {
                "source": self.source,
                "kind": self.kind,
                "state": "held_up" if self._held_up else "away" if self._away else _heard(self._last_arrival_at),
                "reason": lasting[0]["reason"] if lasting else None,
                "last_arrival_at": None if self._last_arrival_at is None else _text(self._last_arrival_at),
                "arrival_count": self._arrivals,
                "reconnect_count": self._reconnects,
                "backlog_count": self.backlog,
                "unkept_count": self.unkept,
                **{f"{name}_count": self._counts[name] for name in ("batches", "landed", "repeated", "refused")},
                "reasons": dict(sorted(self._reasons.items())),
                "clock_device": device,
                "clock_offset_s": offset_s,
                "clock_is_wrong": offset_s is not None and abs(offset_s) > CLOCK_TOLERANCE_S,
                "outages": [*self._outages, *lasting],
            }


class Board:
    """All sources of a collector, and the file that says how they stand."""

    def __init__(self, root: Path, kinds: Mapping[str, str]) -> None:
        """Take over what the collector before this one knew."""
        before = read(root)
        at = _text(now())
        self._path = root / _FILE
        self._started_at = at
        known = {one["source"]: one for one in before.get("sources", ())}
        self.sources = {source: Health(source, kind, known.get(source)) for source, kind in kinds.items()}
        for source, health in self.sources.items():
            if source in known:
                health.missed(before["written_at"], at)

    def facts(self) -> dict[str, Any]:
        """Return how everything stands now."""
        each = [health.facts() for health in self.sources.values()]
        return {"started_at": self._started_at, "written_at": _text(now()), "sources": each}

    def write(self) -> None:
        """Write the file anew; where there is no room for it, the one before stays."""
        incoming = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            incoming.write_text(json.dumps(self.facts(), ensure_ascii=False), encoding="utf-8")
            incoming.replace(self._path)
        except OSError:
            incoming.unlink(missing_ok=True)


def read(root: Path) -> dict[str, Any]:
    """Return what the last collector of a lake wrote; nothing where none has."""
    try:
        found: dict[str, Any] = json.loads((root / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _is_open(outages: list[dict[str, Any]]) -> bool:
    return bool(outages) and outages[-1]["to_at"] is None


def _heard(last_arrival_at: datetime | None) -> str:
    return "waiting" if last_arrival_at is None else "well"


def _worst(clocks: Mapping[str, tuple[float, datetime]]) -> tuple[str | None, float | None]:
    """Return the device whose clock is furthest away, and by how many seconds: more than nothing where it is ahead."""
    each: Iterable[tuple[str, float]] = ((device, offset_s) for device, (offset_s, _) in clocks.items())
    device, offset_s = max(each, key=lambda one: abs(one[1]), default=(None, None))
    return device, None if offset_s is None else round(offset_s, 1)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
