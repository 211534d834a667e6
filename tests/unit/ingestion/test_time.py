"""Clocks: what is a time, where it lies, and what is refused."""

import polars as pl
import pytest

from ingestion import time
from ingestion.time import Clock

SHANGHAI = Clock("Asia/Shanghai")
BERLIN = "Europe/Berlin"


def _at(text: str | None, clock: Clock) -> str | None:
    found = time.instants(pl.Series([text], dtype=pl.String), clock).to_list()[0]
    return found and found.strftime("%Y-%m-%dT%H:%M:%S.%f").removesuffix(".000000")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00"),
        ("2026-01-01T08:00:00+08:00", "2026-01-01T00:00:00"),
        ("2026-01-01 08:00:00 +0800", "2026-01-01T00:00:00"),
        ("2026-01-01T08:00:00.25+08", "2026-01-01T00:00:00.250000"),
        ("2025-12-31T24:00:00+08:00", "2025-12-31T16:00:00"),
        ("2026-01-01 08:00:00", None),
        ("2026-01-01", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_without_a_declared_zone_only_zoned_times_are_times(text: str | None, expected: str | None) -> None:
    assert _at(text, Clock()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01 08:00:00", "2026-01-01T00:00:00"),
        ("2026-01-01T08:00", "2026-01-01T00:00:00"),
        ("2026/1/1 8:00", "2026-01-01T00:00:00"),
        ("2026年1月1日 08:00:00", "2026-01-01T00:00:00"),
        ("20260101080000", "2026-01-01T00:00:00"),
        ("1.1.2026 08:00:00", "2026-01-01T00:00:00"),
        ("2025-12-31 24:00:00", "2025-12-31T16:00:00"),
        ("2025-12-31 24:00", "2025-12-31T16:00:00"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00"),
        ("2026-02-30 08:00:00", None),
        ("1990-01-01 08:00:00", "1990-01-01T00:00:00"),
        ("1970-01-01 08:00:00", None),
        ("0001-01-01 00:00:00", None),
        ("2026-01-01 25:00:00", None),
    ],
)
def test_a_declared_zone_places_wall_clocks(text: str, expected: str | None) -> None:
    assert _at(text, SHANGHAI) == expected


@pytest.mark.parametrize("text", ["1970-01-01 00:00", "0001-01-01 00:00", "1970-01-01T00:00:00Z"])
def test_a_clock_that_lost_the_time_is_named(text: str) -> None:
    assert _at(text, SHANGHAI) is None
    assert "had lost the time" in time.complaint(text, SHANGHAI)


def test_an_hour_that_does_not_exist_is_refused() -> None:
    assert _at("2026-03-29 02:30:00", Clock(BERLIN)) is None
    assert "does not exist" in time.complaint("2026-03-29 02:30:00", Clock(BERLIN))


def test_an_hour_that_occurs_twice_is_refused_unless_told_which() -> None:
    text = "2026-10-25 02:30:00"
    assert _at(text, Clock(BERLIN)) is None
    assert "occurs twice" in time.complaint(text, Clock(BERLIN))
    assert _at(text, Clock(BERLIN, ambiguous="earliest")) == "2026-10-25T00:30:00"
    assert _at(text, Clock(BERLIN, ambiguous="latest")) == "2026-10-25T01:30:00"


def test_midnight_at_the_end_of_its_day() -> None:
    clock = Clock("Asia/Seoul", layout="%d/%m/%Y %H:%M", midnight="next_day")
    assert _at("01/01/2018 0:00", clock) == "2018-01-01T15:00:00"
    assert _at("01/01/2018 0:15", clock) == "2017-12-31T15:15:00"


def test_a_start_label_becomes_the_end() -> None:
    assert _at("2026-01-01T00:00:00Z", Clock(shift_minutes=15)) == "2026-01-01T00:15:00"


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("1767225600", "s", "2026-01-01T00:00:00"),
        ("1767225600.5", "s", "2026-01-01T00:00:00.500000"),
        ("1767225600000", "ms", "2026-01-01T00:00:00"),
        ("1767225600000", "s", None),  # milliseconds by mistake
        ("1767225600", "ms", None),  # seconds by mistake
        ("0", "s", None),
        ("noon", "s", None),
    ],
)
def test_epochs(text: str, unit: time.Unit, expected: str | None) -> None:
    assert _at(text, Clock(unit=unit)) == expected
    if expected is None:
        assert "between 1990 and 2100" in time.complaint(text, Clock(unit=unit))


def test_a_column_may_mix_spellings() -> None:
    texts = pl.Series(["2026-01-01 08:00:00", "2026/1/1 8:00", "nonsense", None, "2026-01-01T00:00:00Z"])
    found = time.instants(texts, SHANGHAI)
    assert found.is_null().to_list() == [False, False, True, True, False]
    assert found.drop_nulls().n_unique() == 1


def test_complaints_say_what_to_do() -> None:
    assert "declare the source's timezone" in time.complaint("2026-01-01 08:00:00", Clock())
    assert "write it as" in time.complaint("nonsense", SHANGHAI)
    assert time.complaint(None, SHANGHAI) == "there is no time"
