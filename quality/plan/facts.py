"""What happened to a planned parameter in a month, as the judge is told it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Read:
    """What came from the planned points: intervals due, received, and days on which anything came."""

    expected: int = 0
    received: int = 0
    days: int = 0
    estimated: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Calibration:
    """How the instrument of a planned point stood at the end of the month."""

    point_id: str
    meter_id: str
    accuracy_class: str | None
    calibrated_on: date | None
    due_on: date | None


@dataclass(frozen=True)
class Told:
    """What people or a laboratory told: rows or samples, those with a voucher, those too late, those by others."""

    rows: int = 0
    rows_of_year: int = 0
    vouchers: int = 0
    latest_days: int | None = None
    entered_by: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lines:
    """What the accounting made of it: lines, those by a measured factor or its penal default, those without factor."""

    count: int = 0
    measured: int = 0
    penal: int = 0
    without_factor: int = 0
    sets: str | None = None


@dataclass(frozen=True)
class Facts:
    """One month of one parameter; `used` are the points that its amount was made of."""

    used: frozenset[str] = frozenset()
    quantity: Decimal | None = None
    read: Read = field(default_factory=Read)
    calibrations: tuple[Calibration, ...] = ()
    told: Told = field(default_factory=Told)
    lines: Lines = field(default_factory=Lines)
