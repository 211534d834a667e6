"""The quarter hours of a simulation, in the park's local calendar."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Series: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

QUARTERS = 96  # of a day
LOCAL = timezone(timedelta(hours=8))  # Asia/Shanghai has had no other offset since 1991


@dataclass(frozen=True)
class Clock:
    """`days` local days from `start`, a quarter hour at a time; `calendar` is the site's calendar.csv."""

    start: date
    days: int
    calendar: pl.DataFrame

    @cached_property
    def size(self) -> int:
        """Return the number of quarter hours."""
        return self.days * QUARTERS

    @cached_property
    def instants(self) -> npt.NDArray[np.datetime64]:
        """Return the UTC instants at which meters are read: both ends of every quarter hour."""
        first = datetime(self.start.year, self.start.month, self.start.day, tzinfo=LOCAL)
        origin = np.datetime64(int(first.timestamp()) * 1_000_000, "us")
        return origin + np.arange(self.size + 1) * np.timedelta64(900_000_000, "us")

    @cached_property
    def hour(self) -> Series:
        """Return the local hour of day at the middle of each quarter hour."""
        return np.tile((np.arange(QUARTERS) + 0.5) / 4, self.days)

    @cached_property
    def dates(self) -> npt.NDArray[np.datetime64]:
        """Return the local date of each day."""
        return np.datetime64(self.start, "D") + np.arange(self.days)

    @cached_property
    def day_of_year(self) -> Series:
        """Return the day of the year of each quarter hour, with its fraction."""
        year_start = self.dates.astype("datetime64[Y]").astype("datetime64[D]")
        return np.repeat((self.dates - year_start).astype(float), QUARTERS) + self.hour / 24

    @cached_property
    def months(self) -> npt.NDArray[np.datetime64]:
        """Return the local month of each quarter hour."""
        return np.repeat(self.dates.astype("datetime64[M]"), QUARTERS)

    @cached_property
    def month_number(self) -> npt.NDArray[np.int64]:
        """Return the month of each day, 1 to 12."""
        return self.dates.astype("datetime64[M]").astype(np.int64) % 12 + 1

    def days_of(self, day_type: str, energy_unit_id: str | None = None) -> Mask:
        """Return which days the calendar calls `day_type`, for all units or for one."""
        unit = (
            pl.col("energy_unit_id").is_null() if energy_unit_id is None else pl.col("energy_unit_id") == energy_unit_id
        )
        rows = self.calendar.filter((pl.col("day_type") == day_type) & unit)
        marked = rows["local_date"].str.to_date().to_numpy().astype("datetime64[D]")
        return np.isin(self.dates, marked)

    def stopped(self, *energy_unit_ids: str) -> Mask:
        """Return the quarter hours in which one of the units is under maintenance."""
        days = np.zeros(self.days, dtype=bool)
        for unit in energy_unit_ids:
            days |= self.days_of("maintenance", unit)
        return np.repeat(days, QUARTERS)

    @cached_property
    def weekday(self) -> npt.NDArray[np.int64]:
        """Return the weekday of each day, Monday is 0."""
        return (self.dates.astype(np.int64) + 3) % 7

    @cached_property
    def working_days(self) -> Mask:
        """Return the days on which offices and single-shift works are open."""
        usual = (self.weekday < 5) & ~self.days_of("holiday")
        return usual | self.days_of("working")

    @cached_property
    def working(self) -> Mask:
        """Return the quarter hours that belong to a working day."""
        return np.repeat(self.working_days, QUARTERS)
