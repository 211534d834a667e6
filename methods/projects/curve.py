"""The curve of abatement costs: the cheapest tonne first, each project as wide as what it avoids in a year."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple


class Step(NamedTuple):
    """Where a project stands: its place from 1, and the tonnes a year that are avoided before it and with it."""

    order: int
    before: Decimal
    cumulative: Decimal


def steps(projects: Iterable[tuple[str, Decimal | None, Decimal | None]]) -> Mapping[str, Step]:
    """Return the steps of (project, cost of a tonne, tonnes avoided a year); without a cost there is no step."""
    known = [(cost, name, avoided) for name, cost, avoided in projects if cost is not None and avoided is not None]
    found: dict[str, Step] = {}
    total = Decimal(0)
    ordered: Sequence[tuple[Decimal, str, Decimal]] = sorted(known)
    for place, (_, name, avoided) in enumerate(ordered, 1):
        found[name] = Step(place, total, total + avoided)
        total += avoided
    return found
