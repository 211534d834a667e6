"""The way of a sheet from draft to approved: which step follows which, and who may take it. Pure, without storage."""

from dataclasses import dataclass

from ingestion.portal.refusal import Refusal

DRAFT, SUBMITTED, REVIEWED, APPROVED = "draft", "submitted", "reviewed", "approved"
STATES = (DRAFT, SUBMITTED, REVIEWED, APPROVED)


@dataclass(frozen=True)
class Step:
    """One step: from which states it leads where, the role it takes, and what it asks of the person."""

    before: tuple[str, ...]
    after: str
    role: str
    needs_words: bool = False
    other_eyes: bool = False
    own_only: bool = False


STEPS = {
    "save": Step((DRAFT,), DRAFT, "enter"),
    "submit": Step((DRAFT,), SUBMITTED, "enter"),
    "withdraw": Step((SUBMITTED,), DRAFT, "enter", own_only=True),
    "review": Step((SUBMITTED,), REVIEWED, "review", other_eyes=True),
    "return": Step((SUBMITTED,), DRAFT, "review", needs_words=True),
    "refuse": Step((REVIEWED,), DRAFT, "approve", needs_words=True),
    "approve": Step((REVIEWED,), APPROVED, "approve", other_eyes=True),
    "correct": Step((APPROVED,), DRAFT, "enter", needs_words=True),
}


@dataclass(frozen=True)
class Standing:
    """Where a version stands: its state, who wrote in it, and whether its month is closed."""

    state: str
    authors: frozenset[str]
    is_closed: bool = False


@dataclass(frozen=True)
class Actor:
    """Who takes a step, with his roles in the sheet's organisation."""

    person: str
    roles: frozenset[str]


def possible(standing: Standing, actor: Actor) -> list[str]:
    """Return the steps that a person may take now, in the order of STEPS."""
    return [name for name in STEPS if _hindrance(name, standing, actor) is None]


def take(name: str, standing: Standing, actor: Actor, words: str = "") -> str:
    """Return the state after a step; raise Refusal where it may not be taken."""
    hindrance = _hindrance(name, standing, actor)
    if hindrance:
        raise Refusal(hindrance)
    step = STEPS[name]
    if step.needs_words and not words.strip():
        raise Refusal("words_needed")
    return step.after


def _hindrance(name: str, standing: Standing, actor: Actor) -> str | None:
    """Return why a step may not be taken, as a key of words.yaml; None where nothing hinders."""
    step = STEPS.get(name)
    if step is None or step.role not in actor.roles:
        return "not_allowed"
    if standing.is_closed:
        return "month_closed"
    if standing.state not in step.before:
        return "not_from_here"
    if step.other_eyes and actor.person in standing.authors:
        return "four_eyes"
    if step.own_only and actor.person not in standing.authors:
        return "not_yours"
    return None
