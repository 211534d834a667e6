"""The register of instruments: until when each is calibrated, what falls due soon, whose training is to be renewed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
LEVELS = ("entity", "sub_entity", "unit", "equipment")


@dataclass(frozen=True)
class Instrument:
    """A meter with its calibration: valid, due (its end is near), expired, or unknown."""

    meter: Row
    calibrated_on: date | None
    due_on: date | None
    state: str


def register(
    meters: Iterable[Row], events: Sequence[Row], zone: ZoneInfo, today: date, notice_days: int
) -> list[Instrument]:
    """Return the meters, what is overdue first; one is due from `notice_days` before its day on.

    A calibration of meter_events.csv renews that of meters.csv, for as long as that was to hold.
    """
    renewed: dict[str, date] = {}
    for event in events:
        if event["event"] == "calibration":
            day = event["event_at"].astimezone(zone).date()
            if day <= today:
                renewed[event["meter_id"]] = max(day, renewed.get(event["meter_id"], day))
    found = [_instrument(meter, renewed.get(meter["meter_id"]), today, notice_days) for meter in meters]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.meter["meter_id"]))


def _instrument(meter: Row, renewed: date | None, today: date, notice_days: int) -> Instrument:
    calibrated, due = meter["calibrated_on"], meter["calibration_due_on"]
    if renewed is not None and (calibrated is None or renewed > calibrated):
        held = due - calibrated if due is not None and calibrated is not None else None
        due = renewed + held if held is not None else due if due is not None and due > renewed else None
        calibrated = renewed
    return Instrument(meter, calibrated, due, state(due, today, notice_days))


def state(due: date | None, today: date, notice_days: int) -> str:
    """Return how a due day stands."""
    if due is None:
        return "unknown"
    if due < today:
        return "expired"
    return "due" if due <= today + timedelta(days=notice_days) else "valid"


def by_level(found: Sequence[Instrument]) -> list[tuple[str, int, int]]:
    """Return for each level of GB 17167 that has meters how many it has, and how many of them are within their day."""
    counted = []
    for level in (*LEVELS, None):
        mine = [one for one in found if one.meter["gb17167_level"] == level]
        if mine:
            counted.append((level or "none", len(mine), sum(one.state in ("valid", "due") for one in mine)))
    return counted


def trainings(people: Iterable[Row], today: date, notice_days: int) -> list[tuple[Row, str]]:
    """Return the trainings of people, those that end first before the others."""
    trained = [row for row in people if row["trained_for"] is not None]
    ordered = sorted(trained, key=lambda row: (row["training_due_on"] or date.max, row["person_id"]))
    return [(row, state(row["training_due_on"], today, notice_days)) for row in ordered]
