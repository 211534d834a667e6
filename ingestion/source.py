"""What every connector is given and what it gives back; connectors know neither each other nor the orchestrator."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ingestion import points
from ingestion.admit import Rules
from ingestion.points import Points
from ingestion.time import Clock
from lake.batch import Batch, Kept
from lake.site.load import Site, SourceSpec

#: Long enough that a year of commits stays small, short beside the quarter hours that are made of them.
_BATCH_SECONDS = 10.0

Keep = Callable[[bytes | Path, str], Kept]


@dataclass(frozen=True)
class Context:
    """One connection of a site, with the points that arrive through it."""

    source: str
    settings: Mapping[str, Any] = field(repr=False)
    points: Points
    folder: Path
    interval_minutes: int = 15

    @property
    def decimals(self) -> int:
        """Return the places that the source's raw values keep."""
        return int(self.settings.get("decimals", 6))

    def mapping(self) -> dict[str, Any]:
        """Return the mapping of the source's shape; empty where the plain shape is meant."""
        return dict(self.settings.get("mapping") or {})

    def fingerprint(self) -> str:
        """Return a hash that changes when the same payload could be understood otherwise."""
        how = {key: self.settings[key] for key in sorted(self.settings) if key not in ("path", "url", "token")}
        text = json.dumps([how, self.interval_minutes], default=str) + self.points.fingerprint()
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def batch_seconds(self) -> float:
        """Return how long a trickle is gathered into one commit."""
        return float(self.settings.get("batch_seconds") or _BATCH_SECONDS)

    def rules(self, clock: Clock) -> Rules:
        """Return the admission rules of the source."""
        sentinels = tuple(str(mark) for mark in self.mapping().get("sentinels", ()))
        return Rules(self.decimals, clock, sentinels, str(self.settings.get("decimal_mark", ".")))

    def zone(self) -> str | None:
        """Return the declared time zone of wall clock times, if one is declared."""
        return self.mapping().get("timezone") or self.settings.get("timezone")


@dataclass(frozen=True)
class Memory:
    """What the lake's batch rows remember of a source: never more than was committed."""

    cursors: Mapping[str, str] = field(default_factory=dict)
    first_landed: Mapping[str, datetime] = field(default_factory=dict)
    last_cursor: str | None = None

    def known_at(self, digest: str, received_at: datetime) -> datetime:
        """Return when a payload first landed: what is read again later was known then."""
        return self.first_landed.get(digest, received_at)


class PullSource(Protocol):
    """A connector that is asked: it yields what is new as batches and ends."""

    def __call__(self, context: Context, memory: Memory, keep: Keep) -> Iterator[Batch]:
        """Yield batches in the order in which they are to land; raise SourceAwayError where the upstream is away."""
        ...


class LiveSource(Protocol):
    """A connector that is connected for long: it listens in one thread and is landed and acknowledged in another."""

    #: Most arrivals in one batch, the seconds to gather a trickle into one, and whether the sender holds back what
    #: follows until we acknowledge.
    batch_size: int
    batch_seconds: float
    is_held_back: bool

    def listen(self, deliver: Callable[[Any], None], say: Callable[[str | None], None], stop: threading.Event) -> None:
        """Deliver what arrives until told to stop; reconnect; `say` why the upstream is away, None once it is back."""
        ...

    def batch(self, arrivals: Sequence[Any]) -> Batch:
        """Return the batch of what was delivered."""
        ...

    def acknowledge(self, arrivals: Sequence[Any]) -> None:
        """Tell the sender that these are kept; called after the commit, never before."""
        ...

    def close(self) -> None:
        """Let go of the connection; called last."""
        ...


def context_of(site: Site, spec: SourceSpec) -> Context:
    """Return what a connector is given for one connection of the site."""
    names_points = spec.kind == "files" and (spec.settings.get("mapping") or {}).get("shape") != "wide"
    mine = points.of_source(site.tables["points"], spec.id, by_id=names_points)
    return Context(spec.id, spec.settings, mine, site.path, site.settings.interval_minutes)


def memory_of(batches: pa.Table) -> Memory:
    """Return the memory of a source from its batch rows in order of arrival."""
    cursors: dict[str, str] = {}
    first: dict[str, datetime] = {}
    last = None
    names = ["batch_id", "origin", "cursor", "received_at"]
    columns = (batches.column(name).to_pylist() for name in names)
    for digest, origin, cursor, received_at in zip(*columns, strict=True):
        first.setdefault(digest, received_at)
        if cursor is not None:
            cursors[origin] = last = cursor
    return Memory(cursors, first, last)


def now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
