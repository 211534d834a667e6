"""The site's calendar: local months and hours as UTC instants, so that SQL joins them and never asks for a zone."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa

from lake.schemas import UTC as UTC_TYPE

HOUR_SCHEMA = pa.schema(
    [
        pa.field("hour_number", pa.int64(), nullable=False),
        pa.field("hour_start_at", UTC_TYPE, nullable=False),
        pa.field("local_date", pa.date32(), nullable=False),
        pa.field("local_hour", pa.int32(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
    ]
)

#: How far before the days to rebuild a profile may look.
HISTORY = timedelta(days=57)

#: Half open, in UTC.
Window = tuple[datetime, datetime]
_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class Period:
    """A year or a month of the site's calendar, as it was written: 2025 or 2025-06. `first` and `last` are months."""

    text: str
    first: date
    last: date

    @property
    def is_year(self) -> bool:
        """Return whether it is a whole year."""
        return self.first != self.last

    @property
    def months(self) -> list[date]:
        """Return the first day of each of its months."""
        return months_between(self.first, self.last)


def period(text: str) -> Period:
    """Read a period; raises ValueError with one sentence where it is neither a year nor a month."""
    found = _PERIOD.fullmatch(text)
    if found is None or not int(found[1]):
        raise ValueError(f"{text!r} is no period: write a year as 2025 or a month as 2025-06")
    first, last = (int(found[2]),) * 2 if found[2] else (1, 12)
    return Period(text, date(int(found[1]), first, 1), date(int(found[1]), last, 1))


def microseconds(instant: datetime) -> int:
    """Return the instant as microseconds since 1970, exactly."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def local_month(instant: datetime, zone: ZoneInfo) -> date:
    """Return the first day of the local month that holds the instant."""
    return instant.astimezone(zone).date().replace(day=1)


def utc_month(instant: datetime) -> date:
    """Return the first day of the UTC month that holds the instant: the partition of a raw reading."""
    return instant.astimezone(UTC).date().replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months_between(first: date, last: date) -> list[date]:
    """Return every month from the first to the last, both included."""
    found = []
    while first <= last:
        found.append(first)
        first = next_month(first)
    return found


def month_start(month: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which the local month begins."""
    return datetime(month.year, month.month, 1, tzinfo=zone).astimezone(UTC)


def windows(months: Iterable[date], zone: ZoneInfo) -> list[Window]:
    """Return the months as stretches of time, neighbouring months joined."""
    found: list[Window] = []
    for month in sorted(months):
        begin, end = month_start(month, zone), month_start(next_month(month), zone)
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which the local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def day_windows(days: Iterable[date], zone: ZoneInfo) -> list[Window]:
    """Return the days as stretches of time, neighbouring days joined."""
    found: list[Window] = []
    for day in sorted(set(days)):
        begin, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def with_history(stretches: Sequence[Window], newest: datetime) -> list[Window]:
    """Return what profiles look at: eight weeks and a day before the first stretch, and all until the newest reading.

    A gap that begins in a stretch may end long after it, and is shared out over all of its length.
    """
    return [(min(stretches)[0] - HISTORY, max(max(stretches)[1], newest))] if stretches else []


def hour_phase(zone: ZoneInfo, at: datetime) -> int:
    """Return the seconds by which the zone's wall-clock hours are ahead of UTC's: 1800 in a zone of half hours."""
    offset = at.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) % 3600


def calendar_hours(stretches: Sequence[Window], zone: ZoneInfo) -> pa.Table:
    """Return one row per whole wall-clock hour of the windows: 23, 24 or 25 a day."""
    parts = [_hours(begin, end, zone) for begin, end in stretches]
    frame = (
        pl.concat(parts) if parts else _hours(datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), zone)
    )
    return frame.to_arrow().cast(HOUR_SCHEMA)


def _hours(begin: datetime, end: datetime, zone: ZoneInfo) -> pl.DataFrame:
    phase = hour_phase(zone, begin)
    starts = pl.datetime_range(begin, end, "1h", closed="left", time_zone="UTC", time_unit="us", eager=True)
    local = starts.dt.convert_time_zone(zone.key)
    return pl.DataFrame(
        {
            "hour_number": (starts.to_physical() + phase * 1_000_000) // 3_600_000_000,
            "hour_start_at": starts,
            "local_date": local.dt.date(),
            "local_hour": local.dt.hour().cast(pl.Int32),
            "month": local.dt.date().dt.month_start(),
        }
    )
