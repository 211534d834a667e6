"""Which version of a budget is in force: the approved one that begins last, for each month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Line:
    """What one version says of one month; `quantity` is in the unit that the actual amount is counted in."""

    month: date
    version: str
    quantity: Decimal
    valid_from: date
    approved_by: str | None
    approved_on: date | None
    reason: str

    def is_approved(self, on: date) -> bool:
        """Whether somebody had approved it by the end of that day."""
        return self.approved_by is not None and self.approved_on is not None and self.approved_on <= on


def in_force(lines: Iterable[Line], on: date) -> dict[date, Line]:
    """Return by month the line that is in force, as it was known at the end of a day.

    A version counts for its months from valid_from on; of several that do, the one that begins last, of these the one
    approved last. A month that a later version leaves out stays as the one before says.
    """
    found: dict[date, Line] = {}
    for line in lines:
        if line.is_approved(on) and line.valid_from <= line.month:
            other = found.get(line.month)
            if other is None or _rank(line) > _rank(other):
                found[line.month] = line
    return found


def drafts(lines: Iterable[Line], on: date) -> dict[date, Line]:
    """Return by month the line that waits for its approval at the end of a day, that of the last version to begin."""
    found: dict[date, Line] = {}
    for line in lines:
        if not line.is_approved(on) and line.valid_from <= line.month:
            other = found.get(line.month)
            if other is None or (line.valid_from, line.version) > (other.valid_from, other.version):
                found[line.month] = line
    return found


def _rank(line: Line) -> tuple[date, date, str]:
    assert line.approved_on is not None, "it is approved"
    return line.valid_from, line.approved_on, line.version
