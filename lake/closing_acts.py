"""Proposing to close, restate or reopen a period, and deciding about it: by two persons, on published figures."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lake import closings, published, tablerows
from lake.closings import APPROVED, CLOSE, PROPOSED, REOPEN, RESTATE, Act, Figures, Pair, Standing
from lake.errors import LakeError
from lake.periods import month_start, months_between, next_month
from lake.site.closure import organization_closure
from lake.site.load import Site
from lake.store import Lake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ACTS = (CLOSE, RESTATE, REOPEN)


class ClosingError(LakeError):
    """A period is not closed, restated or opened as asked; `key` and `facts` say it in words of the portal."""

    def __init__(self, key: str, sentence: str, **facts: object) -> None:
        """Keep the key of the sentence beside it."""
        super().__init__(sentence.format(**facts))
        self.key, self.facts = key, facts


@dataclass(frozen=True)
class By:
    """Who acts, why, and by which way."""

    person_id: str
    reason: str
    way: str


@dataclass(frozen=True)
class Place:
    """Where a period is closed: the lake, its published marts, and the site's entities and zone."""

    lake: Lake
    marts: Path
    site: Site


def months_of(period: str) -> list[date]:
    """Return the months of `2025` or `2025-06`; raises ClosingError for anything else."""
    try:
        if len(period) == len("2025"):
            return months_between(date(int(period), 1, 1), date(int(period), 12, 1))
        if len(period) == len("2025-06"):
            return [date.fromisoformat(f"{period}-01")]
    except ValueError:
        pass
    sentence = "{period!r} is no period; write 2025-06 for a month or 2025 for a year"
    raise ClosingError("period_unknown", sentence, period=period)


def propose(place: Place, act: str, organization_id: str, period: str, by: By) -> Act:
    """Propose an act about a period of an entity and the entities below it; return it.

    To close takes the months that are open, to restate those that are closed and whose published figures are others
    now, to reopen those that are closed. Raises ClosingError where there is nothing of that, or a month has not ended.
    """
    with place.lake.writing(closings.SOURCE):
        known = closings.standing(place.lake)
        publication, figures = _asked(place, known, act, organization_id, period)
        proposed = _overlapping(known, figures.pairs)
        if proposed:
            raise ClosingError(
                "closing_waits",
                "{closing} of {period} waits for a decision; approve or refuse it first",
                closing=proposed.closing_id,
                period=proposed.proposal["period"],
            )
        published_before = [
            known.months[pair].declaring[-1].proposal["published_at"] for pair in figures.pairs if pair in known.months
        ]
        row = {
            "closing_id": secrets.token_hex(6),
            "step": PROPOSED,
            "act": act,
            "organization_id": organization_id,
            "period": period,
            **_written(by),
            **publication,
            "known_from": min(published_before) if act == RESTATE else None,
            "figures_hash": figures.hash(),
            "figures": figures.text(),
        }
        closings.append(place.lake, row)
    return Act(row)


def decide(place: Place, closing_id: str, step: str, by: By) -> Act:
    """Approve or refuse a proposal; return it with the decision.

    Raises ClosingError where there is none, it was decided, the person proposed it, or what is published is no longer
    what was proposed.
    """
    with place.lake.writing(closings.SOURCE):
        known = closings.standing(place.lake)
        act = found(known, closing_id)
        if act.decision is not None:
            raise ClosingError("closing_decided", "{closing} is {state} already", closing=closing_id, state=act.state)
        if act.proposal["person_id"] == by.person_id:
            sentence = "{person} proposed {closing}; somebody else decides"
            raise ClosingError("same_person", sentence, person=by.person_id, closing=closing_id)
        told = act.proposal
        if step == APPROVED:
            publication, figures = _asked(place, known, told["act"], told["organization_id"], told["period"])
            if figures.hash() != told["figures_hash"]:
                sentence = "the figures of {period} are not those that were proposed; refuse {closing} and propose anew"
                raise ClosingError("figures_changed", sentence, period=told["period"], closing=closing_id)
        else:
            publication = {name: told[name] for name in (*_PUBLICATION, "head_number", "head_root_hash")}
        names = ("closing_id", "act", "organization_id", "period", "known_from", "figures_hash")
        row = {**{name: told[name] for name in names}, "step": step, **_written(by), **publication, "figures": None}
        closings.append(place.lake, row)
    return Act(told, row)


def found(known: Standing, closing_id: str) -> Act:
    """Return an act by its id; raises ClosingError where there is none."""
    for act in known.acts:
        if act.closing_id == closing_id:
            return act
    raise ClosingError("closing_unknown", "there is no proposal {closing}", closing=closing_id)


def below(site: Site, organization_id: str) -> list[str]:
    """Return an entity and those below it; raises ClosingError where the site has none of that name."""
    rows = organization_closure(site.tables["organizations"]).to_pylist()
    found = [row["descendant"] for row in rows if row["ancestor"] == organization_id]
    if not found:
        raise ClosingError("organization_unknown", "{name!r} is not in organizations.csv", name=organization_id)
    return found


def current(connection: "DuckDBPyConnection", organizations: Collection[str], months: Sequence[date]) -> Figures:
    """Return the published figures of the months in which the entities have any."""
    asked = {"organizations": sorted(organizations), "first": months[0], "last": months[-1]}
    tonnes: dict[Pair, dict[closings.Category, Decimal]] = {}
    for organization, month, basis, scope, category, value in connection.execute(_FIGURES, asked).fetchall():
        tonnes.setdefault((organization, month), {})[basis, scope, category] = value
    return Figures(frozenset(tonnes), tonnes)


def differs(declared: Figures, now: Figures, pair: Pair) -> bool:
    """Whether a month's figures are others now."""
    return dict(declared.tonnes.get(pair, {})) != dict(now.tonnes.get(pair, {}))


def _asked(
    place: Place, known: Standing, act: str, organization_id: str, period: str
) -> tuple[dict[str, Any], Figures]:
    """Return what is published, and the figures of the months that the act takes."""
    if act not in ACTS:
        raise ClosingError("act_unknown", "{act!r} is none of close, restate, reopen", act=act)
    months, organizations = months_of(period), below(place.site, organization_id)
    with published.opened(place.marts) as connection:
        names = "number, published_at, code_hash, newest_reading_at"
        number, published_at, code, newest = connection.execute(f"select {names} from publication").fetchall()[0]
        figures = current(connection, organizations, months)
    zone = ZoneInfo(place.site.settings.timezone)
    if act != REOPEN and (newest is None or newest < month_start(next_month(months[-1]), zone)):
        raise ClosingError("period_lasts", "{period} has not ended in the published marts", period=period)
    pairs = _taken(known, act, figures, {(name, month) for name in organizations for month in months})
    if not pairs:
        raise ClosingError(f"nothing_to_{act}", _NOTHING[act], organization=organization_id, period=period)
    publication = dict(zip(_PUBLICATION, (number, published_at, code), strict=True)) | _head(place.lake)
    kept = {} if act == REOPEN else {pair: figures.tonnes[pair] for pair in pairs if pair in figures.tonnes}
    return publication, Figures(frozenset(pairs), kept)


def _taken(known: Standing, act: str, figures: Figures, asked: set[Pair]) -> set[Pair]:
    closed = {pair for pair in asked if pair in known.months and known.months[pair].is_closed}
    if act == CLOSE:
        return {pair for pair in asked - closed if pair in figures.tonnes}
    if act == REOPEN:
        return closed
    return {pair for pair in closed if differs(known.months[pair].declaring[-1].figures, figures, pair)}


def _overlapping(known: Standing, pairs: Collection[Pair]) -> Act | None:
    return next((act for act in known.acts if act.decision is None and act.figures.pairs & set(pairs)), None)


def _written(by: By) -> dict[str, Any]:
    return {"person_id": by.person_id, "at": datetime.now(UTC), "reason": by.reason or None, "way": by.way}


def _head(lake: Lake) -> dict[str, Any]:
    """Return the evidence head that holds now."""
    if not lake.exists("evidence", "heads"):
        return {"head_number": None, "head_root_hash": None}
    heads = tablerows.read(lake.path("evidence", "heads"), ["number", "root_hash"]).to_pylist()
    last: Mapping[str, Any] = max(heads, key=lambda head: head["number"])
    return {"head_number": last["number"], "head_root_hash": last["root_hash"]}


_PUBLICATION = ("publication_number", "published_at", "code_hash")
_NOTHING = {
    CLOSE: "{organization} has nothing to close in {period}: no published emissions, or closed already",
    RESTATE: "{organization} has nothing to restate in {period}: nothing closed whose figures are others now",
    REOPEN: "{organization} has nothing to reopen in {period}: nothing of it is closed",
}
#: Lines of basis `all` count in the location-based and in the market-based account.
_FIGURES = """
    select lines.organization_id, lines.month, accounts.basis, coalesce(lines.scope, 0) as scope,
        lines.source_category,
        sum(lines.emissions_tco2e) as tonnes
    from carbon.emissions_monthly as lines
    inner join (values ('location'), ('market'), ('statutory')) as accounts (basis)
        on lines.basis = accounts.basis or (lines.basis = 'all' and accounts.basis <> 'statutory')
    where lines.emissions_tco2e is not null and list_contains($organizations, lines.organization_id)
        and lines.month between $first and $last
    group by all
"""
