"""What stands for the hours of a stack that are not valid: the rule of HJ 75-2017 on masses.

By the share of valid hours among those in which the source ran, quarter by quarter of the calendar: from 90 % the
greatest of the last 180 valid hours before the gap for one of up to 24 hours, of the last 720 for a longer one; from
75 % of the last 2,160; below that nothing, the hour stays unknown.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from methods.stack.hour import Hour

GOOD, ENOUGH = Decimal("0.90"), Decimal("0.75")
SHORT_HOURS, SHORT_LOOK, LONG_LOOK, POOR_LOOK = 24, 180, 720, 2160


@dataclass(frozen=True)
class Filled:
    """An hour with the mass that counts for it, and how it was found: measured, substituted, unknown, or stopped."""

    hour: Hour
    mass_tco2: Decimal | None
    source: str


def filled(hours: Sequence[Hour], zone: ZoneInfo) -> list[Filled]:
    """Return the hours, which follow each other without a gap, with what stands for the invalid ones."""
    quarters = _capture(hours, zone)
    made: list[Filled] = []
    valid: list[Decimal] = []
    place = 0
    while place < len(hours):
        hour = hours[place]
        if hour.state in ("valid", "stopped"):
            made.append(Filled(hour, hour.mass_tco2, "measured" if hour.state == "valid" else "stopped"))
            if hour.state == "valid" and hour.mass_tco2 is not None:
                valid.append(hour.mass_tco2)
            place += 1
            continue
        end = place
        while end < len(hours) and hours[end].state not in ("valid", "stopped"):
            end += 1
        for missing in hours[place:end]:
            look = _look(quarters[_quarter(missing.starts_at, zone)], end - place)
            mass = max(valid[-look:]) if look and valid else None
            made.append(Filled(missing, mass, "unknown" if mass is None else "substituted"))
        place = end
    return made


def _look(capture: Decimal, length: int) -> int:
    """Return how many valid hours back the greatest is looked for; 0 where nothing may stand in."""
    if capture >= GOOD:
        return SHORT_LOOK if length <= SHORT_HOURS else LONG_LOOK
    return POOR_LOOK if capture >= ENOUGH else 0


def _capture(hours: Sequence[Hour], zone: ZoneInfo) -> dict[tuple[int, int], Decimal]:
    """Return the share of valid hours among the running ones of each quarter."""
    counted: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for hour in hours:
        if hour.state != "stopped":
            counted[_quarter(hour.starts_at, zone)][1] += 1
            counted[_quarter(hour.starts_at, zone)][0] += hour.state == "valid"
    return {quarter: Decimal(valid) / running for quarter, (valid, running) in counted.items()}


def _quarter(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    local = at.astimezone(zone)
    return local.year, (local.month - 1) // 3
