"""Which shift an hour belongs to: every minute of every day once, also over midnight and where clocks are changed."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake import periods, shifts

DAY = timedelta(days=1)
PARENTS = {"works": None, "mill": "works", "mill_1": "mill", "office": "works", "other": None}
MONDAY = date(2025, 3, 24)
BERLIN = ZoneInfo("Europe/Berlin")


def row(unit: str | None = None, **told: object) -> dict[str, object]:
    names = "local_date day_type shift name_zh name_en start_time end_time valid_from valid_to"
    return dict.fromkeys(names.split()) | {"energy_unit_id": unit} | told


def shift(code: str, start: str, end: str, unit: str | None = None, **told: object) -> dict[str, object]:
    return row(unit, shift=code, start_time=start, end_time=end, **told)


def minutes(made: shifts.Shifts, unit: str, day: date = MONDAY) -> list[tuple[object, ...]]:
    """Return what a unit's day is made of: start and end in minutes, shift, day on which it began."""
    key = {one["energy_unit_id"]: one["plan_key"] for one in made.units.to_pylist()}[unit]
    joined: list[list[object]] = []
    for one in made.hours.to_pylist():
        if one["plan_key"] != key or one["local_date"] != day:
            continue
        start, end = (one["local_hour"] * 60 + one[name] for name in ("minute_from", "minute_to"))
        told = [one["shift"], one["shift_start_date"]]
        if joined and joined[-1][1] == start and joined[-1][2:] == told:
            joined[-1][1] = end
        else:
            joined.append([start, end, *told])
    return [tuple(one) for one in joined]


def test_a_site_without_shifts_has_no_rows() -> None:
    made = shifts.of_days([row(local_date=MONDAY, day_type="holiday")], PARENTS, [MONDAY])
    assert made.units.num_rows == made.kinds.num_rows == made.hours.num_rows == 0


def test_a_shift_over_midnight_belongs_to_its_first_day() -> None:
    made = shifts.of_days([shift("day", "08:00", "20:00"), shift("night", "20:00", "08:00")], PARENTS, [MONDAY])
    assert minutes(made, "works") == [
        (0, 480, "night", MONDAY - DAY),
        (480, 1200, "day", MONDAY),
        (1200, 1440, "night", MONDAY),
    ]


def test_an_hour_in_which_shifts_change_is_two() -> None:
    made = shifts.of_days([shift("early", "08:00", "16:30"), shift("late", "16:30", "24:00")], PARENTS, [MONDAY])
    assert minutes(made, "works")[1:] == [(480, 990, "early", MONDAY), (990, 1440, "late", MONDAY)]
    cut = [one for one in made.hours.to_pylist() if one["local_hour"] == 16]
    assert [(one["minute_from"], one["minute_to"]) for one in cut] == [(0, 30), (30, 60)]


def test_the_nearest_plan_holds_and_a_night_goes_on_into_a_holiday() -> None:
    plan = [
        shift("day", "07:00", "19:00", "works", day_type="working"),
        shift("night", "19:00", "07:00", "works", day_type="working"),
        shift("one", "06:00", "14:00", "mill"),
        row(local_date=MONDAY + DAY, day_type="holiday"),
    ]
    made = shifts.of_days(plan, PARENTS, [MONDAY, MONDAY + DAY])
    assert {one["energy_unit_id"] for one in made.units.to_pylist()} == {"works", "mill", "mill_1", "office"}
    assert minutes(made, "office", MONDAY + DAY) == [
        (0, 420, "night", MONDAY),
        (420, 1440, "outside", MONDAY + DAY),
    ]
    assert minutes(made, "mill_1")[1] == (360, 840, "one", MONDAY)


def test_day_types_come_from_the_nearest_unit_and_the_weekday() -> None:
    saturday = MONDAY + 5 * DAY
    plan = [
        shift("one", "06:00", "14:00"),
        row(local_date=MONDAY, day_type="holiday"),
        row("mill", local_date=MONDAY, day_type="maintenance"),
    ]
    made = shifts.of_days(plan, PARENTS, [MONDAY, MONDAY + DAY, saturday])
    key = {one["energy_unit_id"]: one["kind_key"] for one in made.units.to_pylist()}
    kinds = {(one["kind_key"], one["local_date"]): one["day_type"] for one in made.kinds.to_pylist()}
    assert [kinds[key["mill_1"], day] for day in (MONDAY, MONDAY + DAY, saturday)] == ["maintenance", "working", "rest"]
    assert kinds[key["office"], MONDAY] == "holiday"


@pytest.mark.parametrize(("valid_from", "valid_to"), [(MONDAY + DAY, None), (None, MONDAY)])
def test_a_plan_holds_while_it_is_valid(valid_from: date | None, valid_to: date | None) -> None:
    plan = [shift("one", "06:00", "14:00", valid_from=valid_from, valid_to=valid_to)]
    made = shifts.of_days(plan, PARENTS, [MONDAY])
    assert minutes(made, "works") == [(0, 1440, "outside", MONDAY)]


TIMES = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
ROWS = st.builds(
    shift,
    st.sampled_from("abc"),
    TIMES,
    TIMES,
    st.sampled_from([None, "works", "mill"]),
    day_type=st.sampled_from([None, "working", "rest", "holiday"]),
    local_date=st.sampled_from([None, None, date(2025, 3, 30), date(2025, 10, 26)]),
)


@given(plan=st.lists(ROWS, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_every_minute_of_every_hour_belongs_to_one_shift(plan: list[Mapping[str, object]]) -> None:
    """Whatever a plan says, also on the days of 23 and of 25 hours: so amounts of shifts add up to the day."""
    days = [date(2025, 3, 29), date(2025, 3, 30), date(2025, 10, 26)]
    hours = periods.calendar_hours(periods.day_windows(days, BERLIN), BERLIN).to_pylist()
    assert [sum(one["local_date"] == day for one in hours) for day in days] == [24, 23, 25]
    made = shifts.of_days(plan, PARENTS, days)
    parts: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    for one in made.hours.to_pylist():
        place = one["plan_key"], one["local_date"], one["local_hour"]
        parts.setdefault(place, []).append((one["minute_from"], one["minute_to"]))
    for key in {one["plan_key"] for one in made.units.to_pylist()}:
        for hour in hours:
            cuts = parts[key, hour["local_date"], hour["local_hour"]]
            assert cuts[0][0] == 0
            assert cuts[-1][1] == 60
            assert all(first[1] == second[0] for first, second in pairwise(cuts))
            assert all(start < end for start, end in cuts)
