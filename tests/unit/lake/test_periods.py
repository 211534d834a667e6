"""The site's calendar: months, windows, and days of 23, 24 and 25 hours."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from lake import periods

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_month_begins_at_local_midnight():
    assert periods.month_start(date(2025, 1, 1), SHANGHAI) == datetime(2024, 12, 31, 16, tzinfo=UTC)
    assert periods.local_month(datetime(2024, 12, 31, 16, tzinfo=UTC), SHANGHAI) == date(2025, 1, 1)
    assert periods.local_month(datetime(2024, 12, 31, 15, 59, tzinfo=UTC), SHANGHAI) == date(2024, 12, 1)


def test_neighbouring_months_are_one_window():
    found = periods.windows([date(2025, 3, 1), date(2024, 12, 1), date(2025, 1, 1)], SHANGHAI)
    assert found == [
        (datetime(2024, 11, 30, 16, tzinfo=UTC), datetime(2025, 1, 31, 16, tzinfo=UTC)),
        (datetime(2025, 2, 28, 16, tzinfo=UTC), datetime(2025, 3, 31, 16, tzinfo=UTC)),
    ]


def test_a_zone_that_shifts_has_days_of_23_and_25_hours():
    berlin = ZoneInfo("Europe/Berlin")
    hours = periods.calendar_hours(periods.windows([date(2025, 3, 1), date(2025, 10, 1)], berlin), berlin)
    lengths = Counter(hours["local_date"].to_pylist())
    assert lengths[date(2025, 3, 30)] == 23
    assert lengths[date(2025, 10, 26)] == 25
    assert sum(lengths.values()) == hours.num_rows == 31 * 24 * 2
    numbers = hours["hour_number"].to_pylist()
    assert len(set(numbers)) == len(numbers)


def test_hours_of_a_zone_of_half_hours_begin_on_its_wall_clock():
    kolkata = ZoneInfo("Asia/Kolkata")
    hours = periods.calendar_hours(periods.windows([date(2025, 1, 1)], kolkata), kolkata)
    assert periods.hour_phase(kolkata, datetime(2025, 1, 1, tzinfo=UTC)) == 1800
    assert hours["hour_start_at"][0].as_py() == datetime(2024, 12, 31, 18, 30, tzinfo=UTC)
    assert hours["local_hour"].to_pylist()[:3] == [0, 1, 2]


def test_no_month_is_no_hour():
    assert periods.calendar_hours([], SHANGHAI).num_rows == 0
