"""Closing a period with its declared figures, restating it, opening it again: one proposes, another decides."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from ingestion.portal import audit, rights, sheets
from ingestion.portal.home_page import names_of_organizations
from ingestion.portal.refusal import Refusal, absent
from ingestion.portal.web import Visit, go
from ingestion.portal.workflow import APPROVED
from lake import closing_acts, closings
from lake.closing_acts import By, ClosingError, Place
from lake.closings import CLOSE, REFUSED, REOPEN, Act
from lake.sqlitefile import now

_MOST_WORDS, _SHOWN = 500, 100
_STEPS = {"approve": closings.APPROVED, "refuse": REFUSED}


def periods(visit: Visit) -> Response:
    """Show what was proposed and decided for the reader's organisations, or propose."""
    mine = list(visit.rights.roles)
    if not visit.rights.where("close") and not visit.rights.where("approve"):
        raise absent()
    if visit.request.method == "POST":
        return _propose(visit)
    acts = [act for act in closings.standing(visit.portal.lake).acts if act.proposal["organization_id"] in mine]
    return visit.page(
        "periods.html",
        acts=[_shown(visit, act) for act in reversed(acts[-_SHOWN:])],
        organizations=visit.rights.where("close"),
        names=names_of_organizations(visit),
        people={name: visit.name_of(row) for name, row in rights.people(visit.known.site).items()},
        kinds=closing_acts.ACTS,
    )


def _shown(visit: Visit, act: Act) -> dict[str, Any]:
    told, decision = act.proposal, act.decision
    may = visit.rights.may("approve", told["organization_id"]) and told["person_id"] != visit.person
    return {
        **{name: told[name] for name in ("closing_id", "act", "organization_id", "period", "reason", "person_id")},
        "at": told["at"].isoformat(),
        "state": act.state,
        "months": len({month for _, month in act.figures.pairs}),
        "tonnes": _statutory(act),
        "hash": told["figures_hash"][:16],
        "publication": told["publication_number"],
        "head": (decision or told)["head_number"],
        "decided_by": decision["person_id"] if decision else None,
        "decided_at": decision["at"].isoformat() if decision else None,
        "decision_reason": decision["reason"] if decision else None,
        "may_decide": may and decision is None,
    }


def _statutory(act: Act) -> Decimal | None:
    """Return the statutory tonnes of the organisation that the act names."""
    found = [
        tonnes
        for (organization, _), lines in act.figures.tonnes.items()
        for (basis, _, _), tonnes in lines.items()
        if basis == "statutory" and organization == act.proposal["organization_id"]
    ]
    return sum(found, Decimal(0)) if found else None


def _propose(visit: Visit) -> Response:
    organization, period, act = visit.field("organization"), visit.field("period"), visit.field("act")
    reason = visit.field("words")[:_MOST_WORDS]
    if not visit.rights.may("close", organization) or act not in closing_acts.ACTS:
        raise absent()
    if act != CLOSE and not reason:
        raise Refusal("words_needed", 422)
    with _said():
        place = _place(visit)
        if act == CLOSE:
            _check_sheets(visit, closing_acts.below(place.site, organization), closing_acts.months_of(period))
        proposed = closing_acts.propose(place, act, organization, period, By(visit.person, reason, "portal"))
    _note(visit, f"period_{act}", proposed, reason)
    return go("/periods")


def decide(visit: Visit) -> Response:
    """Approve or refuse a proposal of somebody else; what is closed locks its sheets."""
    named, step = visit.request.path_params["closing"], visit.field("step")
    reason = visit.field("words")[:_MOST_WORDS]
    with _said():
        place = _place(visit)
        organization = closing_acts.found(closings.standing(place.lake), named).proposal["organization_id"]
        if organization not in visit.rights.roles or step not in _STEPS:
            raise absent()
        if not visit.rights.may("approve", organization):
            raise Refusal("not_allowed", 403)
        if step == "refuse" and not reason:
            raise Refusal("words_needed", 422)
        act = closing_acts.decide(place, named, _STEPS[step], By(visit.person, reason, "portal"))
    if step == "approve":
        _lock(visit, act)
    _note(visit, f"period_{step}", act, reason)
    return go("/periods")


def _lock(visit: Visit, act: Act) -> None:
    """Lock the sheets of months that were closed, and unlock those of months that were opened again."""
    months = sorted((organization, f"{month:%Y-%m}") for organization, month in act.figures.pairs)
    with visit.portal.database.writing() as connection:
        if act.proposal["act"] == REOPEN:
            connection.executemany("delete from closed_months where organization_id = ? and month = ?", months)
        else:
            rows = [(*pair, visit.person, now()) for pair in months]
            connection.executemany("insert or ignore into closed_months values (?, ?, ?, ?)", rows)


def _check_sheets(visit: Visit, organizations: list[str], months: Iterable[Any]) -> None:
    """Refuse to close months with sheets that nobody approved yet."""
    asked = {f"{month:%Y-%m}" for month in months}
    with visit.portal.database.reading() as connection:
        found = list(sheets.overview(connection, organizations))
    if any(one.key.month in asked and one.state != APPROVED for one in found):
        raise Refusal("open_versions")


def _note(visit: Visit, step: str, act: Act, reason: str) -> None:
    about = audit.About(f"{act.proposal['period']} {act.closing_id}", reason, act.proposal["organization_id"])
    with visit.portal.database.writing() as connection:
        audit.note(connection, visit.who, step, about)


def _place(visit: Visit) -> Place:
    return Place(visit.portal.lake, visit.portal.marts_file, visit.known.site)


@contextmanager
def _said() -> Iterator[None]:
    """Answer in the portal's words where a period cannot be closed as asked."""
    try:
        yield
    except ClosingError as cause:
        raise Refusal(cause.key, 404 if cause.key == "closing_unknown" else 409, **cause.facts) from cause
