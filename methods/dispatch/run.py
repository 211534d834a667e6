"""The back-test of the latest days: what is known of each, what changed since, and the rows of the marts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from methods.dispatch import assemble, backtest, explain, rows
from methods.dispatch.assemble import Given
from methods.dispatch.day import Day
from methods.dispatch.plant import Plant
from methods.dispatch.program import Floats, InfeasibleError
from methods.dispatch.rows import Row
from methods.dispatch.tariffs import NoPriceError

#: Days before the first tested one that a forecast looks at.
BEFORE = 7
#: Of the arithmetic; a change of it makes every day new.
_VERSION = "1"


@dataclass(frozen=True)
class Inputs:
    """What is known: readings by day and point (kW by step; without the points that are not complete), and the rest.

    `given` by month: factors of the accounts change with them. `limits` by month: the peak of each purchase (kW).
    """

    readings: Mapping[date, Mapping[str, Floats]]
    given: Mapping[date, Given]
    limits: Mapping[date, Mapping[str, float]]
    names: Mapping[str, tuple[str, str]]
    zone: ZoneInfo


def back_test(plant: Plant, inputs: Inputs, kept: Mapping[date, str]) -> tuple[dict[str, list[Row]], set[date]]:
    """Return the rows by mart of the latest days that are new or changed, and the days whose rows stay as they are.

    `kept` holds for the days that are published already the digest of what they were made from.
    """
    found: dict[str, list[Row]] = {mart: [] for mart in rows.MARTS}
    same: set[date] = set()
    tested = sorted(inputs.readings)[-plant.days :]
    days = _Days(plant, inputs)
    for local_date in tested:
        digest = days.digest(local_date)
        if kept.get(local_date) == digest:
            same.add(local_date)
            continue
        for mart, made in _day(plant, inputs, days, local_date).items():
            found[mart] += [{**row, **rows.dated(local_date)} for row in made]
        found["energy.dispatch_savings"][-1]["inputs"] = digest
    return found, same


class _Days:
    """The arrays of the days, each made once."""

    def __init__(self, plant: Plant, inputs: Inputs) -> None:
        self.plant, self.inputs = plant, inputs
        self._made: dict[date, Day | tuple[str, str, str]] = {}

    def times(self, day: date) -> list[datetime]:
        """Return the local beginnings of the steps of a day."""
        begin = datetime(day.year, day.month, day.day, tzinfo=self.inputs.zone).astimezone(ZoneInfo("UTC"))
        following = day + timedelta(days=1)
        end = datetime(following.year, following.month, following.day, tzinfo=self.inputs.zone)
        step = timedelta(minutes=self.plant.step_minutes)
        count = int((end - begin) / step)
        return [(begin + number * step).astimezone(self.inputs.zone) for number in range(count)]

    def of(self, day: date) -> Day | tuple[str, str, str]:
        """Return the arrays of a day, or the word and the two sentences that say why there are none."""
        if day not in self._made:
            self._made[day] = self._make(day)
        return self._made[day]

    def whole(self, day: date) -> Day | None:
        """Return the arrays of a day, None where there are none."""
        found = self.of(day)
        return found if isinstance(found, Day) else None

    def _make(self, day: date) -> Day | tuple[str, str, str]:
        readings = self.inputs.readings.get(day, {})
        missing = [point for point in self.plant.points if point not in readings]
        if missing:
            return ("incomplete", *explain.incomplete(missing))
        month = day.replace(day=1)
        before = self.inputs.readings.get(day - timedelta(days=1), {})
        running = {
            name: bool(before[device.point][-1] > 0)
            for name, device in self.plant.devices.items()
            if device.point in before
        }
        limits = self.inputs.limits.get(month, {})
        try:
            return assemble.of(
                self.plant, self.times(day), readings, shared=self.inputs.given[month], limits=limits, running=running
            )
        except NoPriceError as cause:
            return "no_price", f"缺少价格：{cause}", str(cause)

    def digest(self, day: date) -> str:
        """Return a digest of everything that the rows of a day rest on."""
        found = hashlib.sha256(f"{_VERSION} {self.plant!r}".encode())
        for each in (day, day - timedelta(days=1), day - timedelta(days=BEFORE)):
            made = self.of(each)
            found.update(_bytes(made) if isinstance(made, Day) else repr(made).encode())
        found.update(repr(sorted(self.inputs.names.items())).encode())
        return found.hexdigest()


def _bytes(day: Day) -> bytes:
    parts = []
    for each in fields(day):
        value = getattr(day, each.name)
        for name, told in sorted(value.items()) if isinstance(value, Mapping) else [("", value)]:
            parts.append(f"{each.name} {name} ".encode() + np.asarray(told, dtype=float).tobytes())
    return b"".join(parts)


def _day(plant: Plant, inputs: Inputs, days: _Days, local_date: date) -> dict[str, Sequence[Row]]:
    head: Row = rows.organization(inputs.names, plant.organization_id)
    day = days.of(local_date)
    if not isinstance(day, Day):
        return {"energy.dispatch_savings": [{**head, **rows.state(*day)}]}
    times = days.times(local_date)
    week_before, day_before = (days.whole(local_date - timedelta(days=back)) for back in (BEFORE, 1))
    if week_before is not None and week_before.steps != day.steps:  # the day that a clock was set
        week_before = None
    try:
        tested = backtest.of_day(plant, day, week_before, day_before if week_before is not None else None)
    except InfeasibleError as cause:
        return {
            "energy.dispatch_savings": [
                {**head, **rows.state("infeasible", *explain.infeasible(plant, cause.short, times[0]))}
            ]
        }
    starts = [time.astimezone(ZoneInfo("UTC")) for time in times]
    saved: dict[str, Any] = rows.savings(tested, plant.carbon_price_cny_per_t)
    word = "tested" if tested.plan else "no_forecast"
    return {
        "energy.dispatch_savings": [{**head, **rows.state(word), **saved}],
        "energy.dispatch_schedule": list(rows.schedule(plant, tested, times, starts)),
        "energy.dispatch_prices": list(rows.prices(plant, tested, times, starts)),
        "energy.dispatch_gains": list(rows.gains(tested, inputs.names, saved["regret_cny"])),
    }
