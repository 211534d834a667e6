"""The mass of an hour by hand, which hours count, what stands for the others, and a difference that adds up."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.stack import rows
from methods.stack.hour import Hour, Stack, Value, converted, judged
from methods.stack.substitution import filled

START = datetime(2025, 3, 31, 16, tzinfo=UTC)  # midnight of 1 April in Shanghai
ZONE = ZoneInfo("Asia/Shanghai")
POINTS = {name: name for name in ("concentration", "speed", "temperature", "pressure", "humidity")}
STACK = Stack("s", Decimal(10), Decimal("101.325"), True, POINTS)
SOUND = {
    "concentration": Value(Decimal(12), "percent", "good"),
    "speed": Value(Decimal(15), "m_per_s", "good"),
    "temperature": Value(Decimal("136.575"), "degC", None),
    "pressure": Value(Decimal(0), "Pa", "good"),
    "humidity": Value(Decimal(10), "percent", "good"),
}


def test_the_mass_of_an_hour_by_hand() -> None:
    """15 m/s x 10 m2 x 3600 s = 540,000 m3; at 1.5 times 273.15 K 360,000 m3; dry 324,000 m3; 12 % CO2."""
    hour = judged(STACK, START, SOUND)
    assert (hour.state, hour.flow_m3_0c) == ("valid", Decimal("324000.000000"))
    assert hour.mass_tco2 == (Decimal(324_000) * 12 / 100 * Decimal("44.0095") / Decimal("22.414") / 1000).quantize(
        Decimal("0.000001")
    )
    assert round(hour.mass_tco2, 2) == Decimal("76.34")


def test_one_percent_by_volume_is_19635_milligrams() -> None:
    """The figure that HJ 212 gateways reckon with: 1 % by volume of CO2 are 19,635 mg in a cubic metre at 0 °C."""
    found = converted("concentration", Value(Decimal(19_635), "mg_per_m3", None))
    assert found is not None
    assert abs(found - 1) < Decimal("0.00001")


def test_wet_gas_is_weighed_wet() -> None:
    """Where CO2 is told in wet gas its share of the wet flow is the same mass."""
    dry = judged(STACK, START, SOUND).mass_tco2
    wet_share = Value(Decimal(12) * Decimal("0.9"), "percent", "good")
    wet = judged(
        Stack("s", Decimal(10), Decimal("101.325"), False, POINTS), START, SOUND | {"concentration": wet_share}
    )
    assert wet.mass_tco2 == dry


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ({"speed": Value(Decimal(15), "m_per_s", "bad_fault")}, "flagged", "speed_bad_fault"),
        ({"speed": Value(Decimal(15), "m_per_s", "over_range")}, "flagged", "speed_over_range"),
        ({"humidity": Value(Decimal(10), "m_per_s", "good")}, "flagged", "humidity_impossible"),
        ({"concentration": Value(Decimal(101), "percent", "good")}, "flagged", "concentration_impossible"),
        ({"concentration": Value(None, "percent", "good")}, "flagged", "concentration_impossible"),
        ({"speed": Value(Decimal(0), "m_per_s", "stopped")}, "stopped", "stopped"),
    ],
)
def test_an_hour_with_a_mark_is_not_valid(change: dict[str, Value], state: str, reason: str) -> None:
    hour = judged(STACK, START, SOUND | change)
    assert (hour.state, hour.reason) == (state, reason)
    assert hour.mass_tco2 == (Decimal(0) if state == "stopped" else None)  # a missing number is never zero


def test_an_hour_that_lacks_a_value_or_all() -> None:
    some = {name: value for name, value in SOUND.items() if name != "pressure"}
    assert judged(STACK, START, some).reason == "pressure_missing"
    assert judged(STACK, START, {}).state == "missing"


def made(states: str, mass: int = 0) -> list[Hour]:
    """Hours from letters: a valid one weighs its place, v; f is flagged, s stood."""
    kinds = {"v": "valid", "f": "flagged", "s": "stopped", "m": "missing"}
    return [
        Hour(
            START + place * timedelta(hours=1),
            kinds[letter],
            None,
            mass_tco2=Decimal(mass or place) if letter == "v" else Decimal(0) if letter == "s" else None,
        )
        for place, letter in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ("v" * 400 + "f" * 24 + "v" * 60, 399),  # short gap: the greatest of the last 180, the last one here
        ("v" * 400 + "f" * 25 + "v" * 60, 399),
        ("v" * 80 + "f" * 20 + "v" * 10, 79),  # 82 % valid: of the last 2,160
        ("v" * 70 + "f" * 30, None),  # 70 % valid: nothing stands in
        ("f" * 5 + "v" * 95, None),  # nothing came before
    ],
)
def test_what_stands_for_a_gap(states: str, expected: int | None) -> None:
    found = [one for one in filled(made(states), ZONE) if one.hour.state == "flagged"]
    assert {one.mass_tco2 for one in found} == {None if expected is None else Decimal(expected)}
    assert {one.source for one in found} == {"unknown" if expected is None else "substituted"}


def test_a_short_gap_looks_180_hours_back_and_a_long_one_720() -> None:
    falling = [
        Hour(hour.starts_at, hour.state, None, mass_tco2=None if hour.mass_tco2 is None else 2000 - hour.mass_tco2)
        for hour in made("v" * 800 + "f" * 24 + "v" * 700 + "f" * 25 + "v" * 400)
    ]
    short, *_, long = [one.mass_tco2 for one in filled(falling, ZONE) if one.source == "substituted"]
    assert short == 2000 - (800 - 180)
    valid = [place for place, hour in enumerate(falling[:1524]) if hour.state == "valid"]
    assert long == 2000 - valid[-720]


def test_hours_that_stood_are_not_running_hours() -> None:
    """A source that stood half of the quarter and was measured while it ran is measured well."""
    found = filled(made("v" * 95 + "s" * 500 + "f" * 5), ZONE)
    assert {one.source for one in found if one.hour.state == "flagged"} == {"substituted"}


@settings(max_examples=50, deadline=None)
@given(st.text("vfsm", min_size=1, max_size=800), st.decimals(-1000, 100_000, places=6))
def test_the_causes_add_up_to_the_difference_to_the_last_digit(states: str, calculated: Decimal) -> None:
    stack = dict.fromkeys(("stack_id", "organization_id", "energy_unit_id", "name_zh", "name_en"), "x") | {
        "organization_name_zh": "x",
        "organization_name_en": "x",
    }
    hours = filled(made(states, 7), ZONE)
    months = {one.hour.starts_at.astimezone(ZONE).date().replace(day=1) for one in hours}
    told = list(rows.monthly(stack, hours, {(month, "all"): calculated for month in months}, ZONE))
    assert sum(row["hours_count"] for row in told) == len(states)
    for row in told:
        counted = ("stopped", "valid", "substituted", "unknown")
        assert row["hours_count"] == sum(row[f"{name}_hours_count"] for name in counted)
        assert row["is_complete"] == (row["unknown_hours_count"] == 0)
        if row["measured_tco2"] is None:
            assert row["valid_hours_count"] == 0
            assert row["difference_tco2"] is None
        else:
            causes = sum(row[f"difference_{part}_tco2"] for part in ("substitution", "missing", "remaining"))
            assert causes == row["difference_tco2"] == row["measured_tco2"] - calculated


def test_the_reading_at_the_end_of_an_hour_is_that_hour() -> None:
    """The reading at midnight that ends March is March's; a gap between two readings is hours without data."""
    ends = [datetime(2025, 3, 31, 16, tzinfo=UTC), datetime(2025, 3, 31, 19, tzinfo=UTC)]
    readings = [
        {"point_id": name, "reading_at": end, "value": value.value, "unit": value.unit, "status": value.status}
        for end in ends
        for name, value in SOUND.items()
    ]
    found = rows.hours(STACK, readings)
    assert [hour.state for hour in found] == ["valid", "missing", "missing", "valid"]
    stack = {"stack_id": "s", "organization_id": "o"}
    hourly = list(rows.hourly(stack, filled(found, ZONE), ZONE))
    assert [row["month"] for row in hourly] == [date(2025, 3, 1), *[date(2025, 4, 1)] * 3]
