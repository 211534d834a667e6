"""The recorded day: what every point shows at each quarter hour, sorted by the source it arrives through."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import polars as pl

from examples.reference_park.simulator.park import table

LOCAL = timezone(timedelta(hours=8))
LAST = 96  # the reading at midnight that ends the day


@dataclass(frozen=True)
class Reading:
    """One value of one point, with its name at the source."""

    point_id: str
    address: str
    meter_id: str
    at: datetime  # in the park's local time
    value: Decimal


@dataclass(frozen=True)
class Day:
    """The readings of each source by quarter hour: 0 is the midnight that begins the day, 96 the one that ends it."""

    start: datetime
    readings: dict[tuple[str, int], list[Reading]]

    def at(self, source: str, quarter: int) -> list[Reading]:
        """Return what the source shows at the end of a quarter hour."""
        return self.readings.get((source, quarter), [])

    def instant(self, quarter: int) -> datetime:
        """Return the local time of a quarter hour's end."""
        return self.start + timedelta(minutes=15 * quarter)


def load(data: Path) -> Day:
    """Read the simulator's recorded day."""
    points = table("points").select("point_id", "source", "meter_id", pl.col("address").fill_null(pl.col("point_id")))
    rows = pl.read_parquet(data / "recorded_day.parquet").join(points, on="point_id").sort("reading_at", "point_id")
    start = rows["reading_at"].min().astimezone(LOCAL)
    readings: dict[tuple[str, int], list[Reading]] = {}
    for row in rows.iter_rows(named=True):
        at = row["reading_at"].astimezone(LOCAL)
        quarter = round((at - start) / timedelta(minutes=15))
        reading = Reading(row["point_id"], row["address"], row["meter_id"], at, row["value"].normalize())
        readings.setdefault((row["source"], quarter), []).append(reading)
    return Day(start, readings)
