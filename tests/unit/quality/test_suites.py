"""Each suite on a small lake that is right, and on ones that are wrong in one way."""

from datetime import datetime, timedelta

import duckdb
import pytest

from quality.run import judge
from quality.suites import energy_consumption, energy_intervals, every, quality_completeness, raw_batch
from tests.unit.quality.lake_views import START

GRAIN = "'plant' as organization_id, 0 as organization_level, 0 as level, 'u' as energy_unit_id, 'steam' as carrier, "
GRAIN += "'fuel' as use_type, 'purchase' as role, true as is_counted, 't' as quantity_unit"


def base() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute("create schema ref; create schema energy; create schema quarantine; create schema quality")
    con.execute("create table ref.site as select 15 as interval_minutes")
    con.execute("create table ref.points as select 'p' as point_id, 'register' as kind")
    con.execute("create table ref.organizations as select 'plant' as organization_id, null::varchar as parent_id")
    con.execute(
        f"create table energy.consumption_hourly as select {GRAIN}, date '2025-01-01' as local_date, "
        "1.5::decimal(18, 6) as quantity, 3::decimal(18, 6) as energy_gj, date '2025-01-01' as month from range(24)"
    )
    for grain, column in (("daily", "local_date, month"), ("monthly", "month")):
        con.execute(
            f"create table energy.consumption_{grain} as select * exclude (quantity, energy_gj, {_other(column)}), "
            "sum(quantity)::decimal(18, 6) as quantity, sum(energy_gj)::decimal(18, 6) as energy_gj, "
            "0::decimal(9, 6) as estimated_ratio, 0::decimal(9, 6) as missing_ratio "
            "from energy.consumption_hourly group by all"
        )
    con.execute(
        "create table energy.intervals (point_id varchar, period_start_at timestamptz, quantity decimal(18, 6), "
        "quality varchar, month date)"
    )
    con.execute(
        "insert into energy.intervals select 'p', timestamptz '2025-01-01' + place * interval 15 minute, "
        "1, 'measured', date '2025-01-01' from range(-32, 96) as places(place)"
    )
    con.execute(
        "create table quality.completeness_daily as select 96 as expected, 95 as received, 1 as estimated_count, "
        "0 as missing_count, 0.99 as completeness_ratio, 0.01 as estimated_ratio, date '2025-01-01' as month"
    )
    return con


def _other(kept: str) -> str:
    return ", ".join({"local_date", "month"} - set(kept.split(", "))) or "is_counted"


def door(con: duckdb.DuckDBPyConnection, at: datetime = START) -> None:
    con.execute(
        "create table new_batch as select 's' as source, 'reading' as entity, 'b' as batch_id, "
        "timestamptz '2025-01-01' as received_at, 100 as rows_read, 96 as rows_landed, 2 as rows_repeated, "
        "2 as rows_refused"
    )
    con.execute("create table new_reading (batch_id varchar, reading_at timestamptz, status varchar)")
    con.execute("insert into new_reading select 'b', ?, 'good' from range(96)", [at])
    con.execute("create table quarantine.reading as select 'b' as batch_id from range(2)")


def failed(con: duckdb.DuckDBPyConnection, suite: object, rebuilt: str = "true") -> set[str]:
    results = judge([suite], con, rebuilt)  # type: ignore[list-item]
    assert results
    return {result.expectation.name for result in results if not result.passed}


SUITES = [energy_intervals.SUITE, energy_consumption.PERIODS, energy_consumption.PARK, quality_completeness.SUITE]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_a_sound_lake_passes(suite):
    assert failed(base(), suite) == set()


@pytest.mark.parametrize(
    ("suite", "wrong", "expected"),
    [
        (
            energy_intervals.SUITE,
            "insert into energy.intervals select * from energy.intervals limit 1",
            {"no_interval_is_counted_twice"},
        ),
        (
            energy_intervals.SUITE,
            "update energy.intervals set period_start_at = period_start_at + interval 7 minute "
            "where period_start_at = timestamptz '2025-01-01 23:45+00'",
            {"every_interval_lies_on_the_grid"},
        ),
        (
            energy_intervals.SUITE,
            "update energy.intervals set quantity = -1 where period_start_at = timestamptz '2025-01-01'",
            {"no_measured_interval_is_negative"},
        ),
        (
            energy_intervals.SUITE,
            "update energy.intervals set quantity = null where period_start_at = timestamptz '2025-01-01'",
            {"missing_is_null_and_null_is_missing"},
        ),
        (
            energy_consumption.PERIODS,
            "update energy.consumption_daily set quantity = quantity + 0.000001",
            {"days_equal_their_hours", "months_equal_their_days"},
        ),
        (
            energy_consumption.PERIODS,
            "delete from energy.consumption_monthly",
            {"months_equal_their_days"},
        ),
        (
            energy_consumption.PERIODS,
            "insert into energy.consumption_monthly select * from energy.consumption_monthly",
            {"no_month_twice"},
        ),
        (
            energy_consumption.PERIODS,
            "update energy.consumption_monthly set missing_ratio = 1.2, estimated_ratio = -0.1",
            {"ratios_are_not_above_one", "ratios_are_not_negative"},
        ),
        (
            energy_consumption.PARK,
            "insert into ref.organizations values ('works', 'plant'); "
            "insert into energy.consumption_monthly select * replace ('works' as organization_id, 1 as level, "
            "1 as organization_level, 30 as quantity) from energy.consumption_monthly",
            {"a_park_is_its_members"},
        ),
        (
            quality_completeness.SUITE,
            "update quality.completeness_daily set received = 97, completeness_ratio = 1.01",
            {"every_expected_interval_has_a_fate", "completeness_is_not_above_one"},
        ),
        (
            quality_completeness.SUITE,
            "update quality.completeness_daily set received = 5, missing_count = 90, completeness_ratio = 0.05",
            {"most_intervals_arrived"},
        ),
    ],
)
def test_one_fault_fails_the_expectation_that_names_it(suite, wrong, expected):
    con = base()
    con.execute(wrong)
    assert failed(con, suite) == expected


def test_only_what_was_rebuilt_is_judged():
    con = base()
    con.execute("update energy.consumption_daily set quantity = 0")
    assert failed(con, energy_consumption.PERIODS, "month in (date '2024-12-01')") == set()


def test_the_raw_door_passes_a_sound_batch():
    con = base()
    door(con)
    assert failed(con, raw_batch.SUITE) == set()


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("update new_batch set rows_landed = 95", {"every_row_is_accounted_for", "landed_rows_are_in_raw"}),
        ("update new_reading set reading_at = timestamptz '2025-01-02'", {"no_reading_from_the_future"}),
        ("update new_reading set reading_at = timestamptz '1970-01-02'", {"no_reading_before_1990"}),
        ("delete from quarantine.reading", {"refused_rows_are_in_quarantine"}),
        ("update new_batch set rows_landed = 86, rows_refused = 12", {"few_rows_are_refused"}),
        ("update new_reading set status = 'bad'", {"few_readings_are_bad"}),
    ],
)
def test_the_raw_door_names_what_is_wrong_with_a_batch(wrong, expected):
    con = base()
    door(con, START - timedelta(hours=1))
    con.execute(wrong)
    assert expected <= failed(con, raw_batch.SUITE) | (expected & {"few_rows_are_refused"})
    assert expected & failed(con, raw_batch.SUITE)


def test_a_suite_whose_marts_are_not_built_is_left_out():
    assert judge(SUITES, duckdb.connect()) == []


def test_every_suite_explains_itself_in_both_languages():
    expectations = [(suite, one) for suite in every.SUITES for one in suite.expectations]
    assert len(expectations) >= 20
    assert len({(suite.name, one.name) for suite, one in expectations}) == len(expectations)
    for _, one in expectations:
        assert one.why_zh
        assert one.why_en
        assert one.expected
