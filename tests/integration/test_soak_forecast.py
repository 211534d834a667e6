"""The long proof of the forecasts: both years of the reference park, on days that had no part in what is tested."""

import pytest

from tests.integration import reference_park

pytestmark = [pytest.mark.integration, pytest.mark.soak]


def test_intervals_hold_and_the_calendar_beats_last_week(tmp_path_factory: pytest.TempPathFactory) -> None:
    park = reference_park.published(tmp_path_factory.mktemp("soak"), start="2024-01-01")
    ((coverage, error, series, days),) = park.sql(
        """
        select sum(backtest_coverage * backtest_days) / sum(backtest_days), avg(backtest_error / backtest_naive_error),
            count(distinct (energy_unit_id, measure, carrier)), sum(backtest_days)
        from energy.forecast_daily
        where actual is null and days_ahead in (1, 8, 15, 22)
        """
    )
    ((landings, tested),) = park.sql(
        "select any_value(landing_coverage_ratio), any_value(landing_test_count) from energy.budget_status_monthly"
    )
    assert series >= 19
    assert days > 25_000
    assert 0.75 <= coverage <= 0.85
    assert error < 0.6
    assert tested > 300
    assert 0.7 <= landings <= 0.9
