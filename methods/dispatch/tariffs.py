"""What a unit of a carrier costs at a local time, by the bands of tariffs.csv."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np

from methods.dispatch.program import Floats


class NoPriceError(ValueError):
    """tariffs.csv has no price for a unit, carrier and time."""


class Tariffs:
    """The rows of reference.tariffs by unit and carrier."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for row in rows:
            self._rows.setdefault((row["energy_unit_id"], row["carrier"]), []).append(row)

    def at(self, unit: str, carrier: str, times: Sequence[datetime]) -> Floats:
        """Return CNY per unit of the carrier at local times. Raises NoPriceError where there is none."""
        days = {time.date() for time in times}
        rows = [row for row in self._rows.get((unit, carrier), []) if any(_counts(row, day) for day in days)]
        found = []
        for time in times:
            minute = f"{time:%H:%M}"
            of_day = (row for row in rows if _counts(row, time.date()))
            prices = [row["price_cny_per_unit"] for row in of_day if row["start_time"] <= minute < row["end_time"]]
            if not prices:
                raise NoPriceError(f"tariffs.csv has no price of {carrier!r} for {unit!r} at {time:%Y-%m-%d %H:%M}")
            found.append(float(prices[0]))
        return np.array(found)


def _counts(row: Mapping[str, Any], day: date) -> bool:
    begun = (row["valid_from"] or date.min) <= day < (row["valid_to"] or date.max)
    return begun and day.month in _months(row["months"])


@lru_cache
def _months(told: str | None) -> set[int]:
    """Return the months of a list such as 2-6;9-11; all where nothing is told."""
    months: set[int] = set()
    for part in (told or "1-12").split(";"):
        first, _, last = part.partition("-")
        months |= set(range(int(first), int(last or first) + 1))
    return months
