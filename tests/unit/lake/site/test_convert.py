from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.site import convert
from lake.site.declared import ColumnSpec

ZONE = ZoneInfo("Asia/Shanghai")


def cell(kind, text, **spec):
    return convert.typed(ColumnSpec("x", kind, **spec), pl.Series([text], dtype=pl.String), ZONE)[0].as_py()


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=6, allow_nan=False))
def test_every_decimal_survives_however_it_is_spelt(number):
    assert cell("decimal", str(number)) == number
    assert cell("decimal", f"{number:E}") == number
    assert cell("decimal", f"{number:f}000") == number


@pytest.mark.parametrize(
    "text", ["", "1,000", "12 kWh", "nan", "inf", "1234567890123", "0.1234567", "--1", "１２x", "1e400"]
)
def test_what_is_no_decimal_is_null_and_never_rounded(text):
    assert cell("decimal", text or None) is None


def test_more_places_are_kept_where_declared():
    assert cell("decimal", "0.333333333", decimals=9) == Decimal("0.333333333")


@given(st.dates(min_value=date(1900, 1, 1)))
def test_dates_are_iso_only(day):
    assert cell("date", day.isoformat()) == day
    assert cell("date", f"{day.year}/{day.month}/{day.day}") is None
    assert cell("month", day.isoformat()[:7]) == day.replace(day=1)


def test_an_instant_without_offset_is_the_wall_clock_of_the_site():
    assert cell("instant", "2025-01-31 08:00") == datetime(2025, 1, 31, 0, 0, tzinfo=UTC)
    assert cell("instant", "2025-01-31T08:00:00Z") == datetime(2025, 1, 31, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kept"), [("8:30", "08:30"), ("08:30:00", "08:30"), ("24:00", "24:00"), ("24:01", None)]
)
def test_a_time_of_day_is_kept_as_two_digits(text, kept):
    assert cell("time", text) == kept


@pytest.mark.parametrize(
    ("text", "months"),
    [("1-3;7", "1;2;3;7"), ("11-2", "1;2;11;12"), ("7", "7"), ("0", None), ("a-b", None), ("1-", None)],
)
def test_months_are_written_out(text, months):
    assert cell("months", text) == months


@given(st.lists(st.integers(1, 12), min_size=1, unique=True))
def test_written_out_months_stay_as_they_are(months):
    text = ";".join(str(month) for month in sorted(months))
    assert convert.expand_months(text) == text
