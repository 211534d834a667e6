"""Which backups may go: of each day, week and month the last one stays, as many as are asked for; the newest always."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Rule:
    """How many days, weeks and months keep their last backup."""

    days: int
    weeks: int
    months: int


_SPANS: tuple[Callable[[datetime], tuple[int, ...]], ...] = (
    lambda at: (at.year, at.month, at.day),
    lambda at: at.isocalendar()[:2],
    lambda at: (at.year, at.month),
)


def may_go(instants: Iterable[datetime], rule: Rule) -> list[datetime]:
    """Return the instants (UTC) that no span of the rule needs, oldest first."""
    known = sorted(instants)
    kept = {*known[-1:]}
    for span, count in zip(_SPANS, (rule.days, rule.weeks, rule.months), strict=True):
        kept.update(_last_of(known, span, count))
    return [at for at in known if at not in kept]


def _last_of(known: Sequence[datetime], span: Callable[[datetime], tuple[int, ...]], count: int) -> list[datetime]:
    last = {span(at): at for at in known}
    return sorted(last.values())[-count:] if count else []
