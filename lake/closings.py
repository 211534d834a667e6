"""Which months of whom are closed, and with which figures: raw/periods__closing, which is only added to.

Somebody proposes to close a period, to restate it or to open it again, with the figures as they were published at that
moment; somebody else approves or refuses. What is approved holds for the months that it names until the next approved
act about them. The evidence chain seals these rows like all of raw/.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyarrow as pa

from lake import commits, tablerows
from lake.periods import months_between
from lake.schemas import UTC as INSTANT
from lake.store import Lake

SOURCE, TABLE = "periods", "periods__closing"
CLOSE, RESTATE, REOPEN = "close", "restate", "reopen"
PROPOSED, APPROVED, REFUSED = "proposed", "approved", "refused"
CLOSING = pa.schema(
    [
        pa.field("closing_id", pa.string(), nullable=False),
        pa.field("step", pa.string(), nullable=False),  # proposed, approved, refused
        pa.field("act", pa.string(), nullable=False),  # close, restate, reopen
        pa.field("organization_id", pa.string(), nullable=False),
        pa.field("period", pa.string(), nullable=False),  # 2025-06 or 2025
        pa.field("person_id", pa.string(), nullable=False),
        pa.field("at", INSTANT, nullable=False),
        pa.field("reason", pa.string()),
        pa.field("way", pa.string(), nullable=False),  # portal or command
        pa.field("publication_number", pa.int64(), nullable=False),
        pa.field("published_at", INSTANT, nullable=False),
        pa.field("code_hash", pa.string(), nullable=False),
        pa.field("head_number", pa.int64()),
        pa.field("head_root_hash", pa.string()),
        pa.field("known_from", INSTANT),  # of a restatement: when what was declared before was published
        pa.field("figures_hash", pa.string(), nullable=False),
        pa.field("figures", pa.string()),  # JSON, in the row of the proposal
    ]
)
#: Entity and first day of the month; account, scope and source category.
Pair = tuple[str, date]
Category = tuple[str, int, str]


@dataclass(frozen=True)
class Figures:
    """The months that an act is about, and tonnes of CO2e by month and category as they were published."""

    pairs: frozenset[Pair]
    tonnes: Mapping[Pair, Mapping[Category, Decimal]]

    def text(self) -> str:
        """Return them in one canonical way, so that their hash says whether they are the same."""
        lines = [
            [organization, f"{month:%Y-%m}", *category, f"{tonnes:f}"]
            for (organization, month), found in sorted(self.tonnes.items())
            for category, tonnes in sorted(found.items())
        ]
        pairs = [[organization, f"{month:%Y-%m}"] for organization, month in sorted(self.pairs)]
        return json.dumps({"pairs": pairs, "tco2e": lines}, ensure_ascii=False, separators=(",", ":"))

    def hash(self) -> str:
        """Return the SHA-256 of the canonical text."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def figures_of(text: str) -> Figures:
    """Read figures from their canonical text."""
    said = json.loads(text)
    tonnes: dict[Pair, dict[Category, Decimal]] = {}
    for organization, month, basis, scope, category, value in said["tco2e"]:
        found = tonnes.setdefault((organization, date.fromisoformat(f"{month}-01")), {})
        found[basis, scope, category] = Decimal(value)
    pairs = frozenset((organization, date.fromisoformat(f"{month}-01")) for organization, month in said["pairs"])
    return Figures(pairs, tonnes)


@dataclass(frozen=True)
class Act:
    """A proposal with what was decided about it; `proposal` and `decision` are rows of CLOSING."""

    proposal: Mapping[str, Any]
    decision: Mapping[str, Any] | None = None

    @property
    def closing_id(self) -> str:
        """What it is known by."""
        return str(self.proposal["closing_id"])

    @property
    def state(self) -> str:
        """proposed, approved or refused."""
        return str(self.decision["step"]) if self.decision else PROPOSED

    @cached_property
    def figures(self) -> Figures:
        """The months it is about and the figures that were proposed."""
        return figures_of(self.proposal["figures"])


@dataclass(frozen=True)
class Declared:
    """What holds for one month of one entity: the act that closed, restated or opened it, and the acts before."""

    act: Act
    before: tuple[Act, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Whether the month is closed."""
        return bool(self.act.proposal["act"] != REOPEN)

    @property
    def acts(self) -> tuple[Act, ...]:
        """All approved acts about the month, the first one first."""
        return (*self.before, self.act)

    @cached_property
    def declaring(self) -> tuple[Act, ...]:
        """The acts that gave figures, the first one first."""
        return tuple(act for act in self.acts if act.proposal["act"] != REOPEN)


@dataclass(frozen=True)
class Standing:
    """All acts in the order of their proposal, and what holds for each month of each entity."""

    acts: tuple[Act, ...] = ()
    months: Mapping[Pair, Declared] = field(default_factory=dict)

    def of(self, organization_id: str, month: date) -> Declared | None:
        """Return what holds for a month; None where it was never closed."""
        return self.months.get((organization_id, month))

    def state(self, organization_id: str, first: date, last: date) -> str:
        """Return how the months from first to last stand: open, closed, partly_closed or reopened."""
        found = [self.of(organization_id, month) for month in months_between(first, last)]
        closed = [one for one in found if one and one.is_closed]
        if len(closed) == len(found):
            return "closed"
        if closed:
            return "partly_closed"
        return "reopened" if any(found) else "open"


def standing(lake: Lake, at: datetime | None = None) -> Standing:
    """Return what was closed, by what was known at a time; nothing where nobody ever closed anything."""
    return of_rows(row for row in rows(lake) if at is None or row["at"] <= at)


def rows(lake: Lake) -> list[dict[str, Any]]:
    """Return the rows of CLOSING in the order of their writing."""
    if not lake.exists("raw", TABLE):
        return []
    found = tablerows.read(lake.path("raw", TABLE)).to_pylist()
    found = [{**row, "at": row["at"].astimezone(UTC)} for row in found]
    return sorted(found, key=lambda row: (row["at"], row["step"] != PROPOSED, row["closing_id"]))


def of_rows(found: Iterable[Mapping[str, Any]]) -> Standing:
    """Return how months stand after these rows: a proposal is decided once, the first decision counts."""
    proposals: dict[str, Mapping[str, Any]] = {}
    decisions: dict[str, Mapping[str, Any]] = {}
    for row in found:
        kept = proposals if row["step"] == PROPOSED else decisions
        kept.setdefault(row["closing_id"], row)
    acts = {name: Act(row, decisions.get(name)) for name, row in proposals.items()}
    months: dict[Pair, Declared] = {}
    for name, row in decisions.items():
        if row["step"] == APPROVED and name in acts:
            for pair in sorted(acts[name].figures.pairs):
                before = months[pair].acts if pair in months else ()
                months[pair] = Declared(acts[name], before)
    return Standing(tuple(acts.values()), months)


def append(lake: Lake, row: Mapping[str, Any]) -> None:
    """Add a row of CLOSING; the caller writes for SOURCE (lake.writing) from its check to here."""
    path = lake.path("raw", TABLE)
    commits.open_or_create(path, CLOSING)
    commits.append(path, pa.Table.from_pylist([dict(row)], CLOSING))


def told(lake: Lake) -> pa.Table:
    """Return the rows without their figures, as ref/ keeps them so that a run sees that something was decided."""
    return pa.Table.from_pylist(rows(lake), CLOSING).drop_columns(["figures"])
