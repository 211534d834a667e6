"""Forecasts: right where the calendar explains all, blind to what comes later, honest about how far off they are."""

from datetime import date, timedelta

import numpy as np
import pytest

from methods.forecast import conformal, daily, known, landing, months, outlook, regression

MONDAY = date(2024, 1, 1)
STOP = [MONDAY + timedelta(days=day) for day in (*range(30, 40), *range(130, 140))]
CALENDAR = [
    *({"local_date": day, "energy_unit_id": "kiln", "day_type": "maintenance"} for day in STOP),
    {"local_date": date(2024, 2, 4), "energy_unit_id": None, "day_type": "working"},
    {"local_date": date(2024, 4, 4), "energy_unit_id": None, "day_type": "holiday"},
    {"local_date": date(2024, 4, 5), "energy_unit_id": "other", "day_type": "holiday"},
]
#: Quarterly production of beer in Australia in megalitres, 1992 to the second quarter of 2010 (Australian Bureau of
#: Statistics; data set `ausbeer` of R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice, 2nd ed.)
BEER = (
    "443 410 420 532 433 421 410 512 449 381 423 531 426 408 416 520 409 398 398 507 432 398 406 526 428 397 403 517 "
    "435 383 424 521 421 402 414 500 451 380 416 492 428 408 406 506 435 380 421 490 435 390 412 454 416 403 408 482 "
    "438 386 405 491 427 383 394 473 420 390 410 488 415 398 419 488 414 374"
)


def columns(days: int) -> known.Numbers:
    return known.columns(MONDAY, days, CALENDAR, {"works"}, {"kiln"})


def test_what_is_known_of_a_day() -> None:
    table = columns(140)
    kinds = table[:, 1:10].argmax(axis=1)
    assert list(kinds[:7]) == list(range(7))
    assert kinds[34] == 2, "a Sunday that is worked counts as a Wednesday"
    assert kinds[94] == 7, "a holiday is a kind of its own, whatever its weekday"
    assert kinds[95] == 4, "the holiday of another unit is none"
    assert known.has_stop(table).sum() == 20
    of_itself = known.columns(MONDAY, 140, CALENDAR, {"works", "kiln"}, set())
    assert set(of_itself[30:40, 1:10].argmax(axis=1)) == {8}, "a stop of the unit itself leaves no weekday"


def test_what_the_calendar_explains_is_foreseen() -> None:
    table = columns(200)
    truth = 100 + 20.0 * (table[:, 1:6].any(axis=1)) - 90 * table[:, 10]
    found = regression.forecast(truth[:120, None], table, [120], 28)[0, 0]
    assert found == pytest.approx(truth[120:148], abs=3), "the ridge leaves a little"
    naive = regression.seasonal_naive(truth[:, None], [120], 28)[0, 0]
    assert np.abs(found - truth[120:148]).mean() < 0.2 * np.abs(naive - truth[120:148]).mean()


def test_nothing_later_and_no_unknown_day_enters_a_forecast() -> None:
    chance = np.random.default_rng(1)
    values = chance.normal(100, 5, (150, 2))
    table = columns(200)
    found = regression.forecast(values, table, [60, 90], 28)
    later = values.copy()
    later[60:] += 1000
    assert regression.forecast(later, table, [60], 28)[0] == pytest.approx(found[0], rel=1e-9)
    holes = values.copy()
    holes[[3, 50]] = np.nan
    assert np.isfinite(regression.forecast(holes, table, [60], 28)).all()
    wild = values.copy()
    wild[[3, 50]] = 1e6
    wild[[3, 50], 0] = np.nan
    with_wild = regression.forecast(wild, table, [60], 28)
    assert with_wild[0, 0] == pytest.approx(regression.forecast(holes, table, [60], 28)[0, 0], rel=1e-9)
    assert np.isnan(regression.forecast(values, table, [27], 28)).all(), "four weeks are needed"


def test_seasonal_naive_and_its_errors_are_those_of_the_textbook() -> None:
    """Hyndman and Athanasopoulos (2018), section 3.4: RMSE 14.31, MAE 13.40, MAPE 3.17, MASE 0.94."""
    beer = np.array([float(word) for word in BEER.split()])[:, None]
    begin = 4 * 16
    found = regression.seasonal_naive(beer, [begin], 10, season=4)[0, 0]
    errors = regression.after(beer, [begin], 10)[0, 0] - found
    assert round(float(np.sqrt(np.mean(errors**2))), 2) == 14.31
    assert round(float(np.abs(errors).mean()), 2) == 13.40
    assert round(float(100 * np.abs(errors / beer[begin:, 0]).mean()), 2) == 3.17
    in_sample = np.abs(beer[4:begin] - beer[: begin - 4]).mean()
    assert round(float(np.abs(errors).mean() / in_sample), 2) == 0.94


def test_a_conformal_quantile_by_hand() -> None:
    errors = np.arange(1.0, 10.0)[:, None]
    assert conformal.quantile(errors, 0.9) == [9], "rank 9 of 9: (9 + 1) x 0.9"
    assert conformal.quantile(errors, 0.1) == [1]
    assert conformal.quantile(errors[:8], 0.9) == [np.inf], "eight errors cannot promise nine of ten"
    weights = np.ones(9)
    assert conformal.weighted_quantile(errors[:, 0], weights, 0.9) == 9
    assert conformal.weighted_quantile(errors[:, 0], weights, 0.1) == 1
    assert conformal.weighted_quantile(errors[:, 0], weights * 0.5, 0.9) == np.inf
    assert conformal.weighted_median(errors[:, 0], weights) == 5
    assert conformal.chance_above(errors[:, 0], weights, 6.5) == pytest.approx(3.5 / 10)


@pytest.mark.parametrize("draw", ["normal", "lognormal", "standard_cauchy"])
def test_exchangeable_errors_are_covered_as_promised(draw: str) -> None:
    """39 errors and levels 0.1 and 0.9 give exactly 80 %, whatever the distribution: 4,000 trials within 4 sigma."""
    chance = np.random.default_rng(20240101)
    errors = getattr(chance, draw)(size=(40, 4000))
    low, high = (conformal.quantile(errors[:39], level) for level in (conformal.LOW, conformal.HIGH))
    covered = np.mean((errors[39] >= low) & (errors[39] <= high))
    assert abs(covered - 0.8) < 4 * np.sqrt(0.8 * 0.2 / 4000)


def test_the_back_test_covers_and_looks_at_no_later_error() -> None:
    chance = np.random.default_rng(7)
    values = chance.lognormal(3, 0.2, (728, 6))
    origins = daily.origins(728)
    expected = np.full((len(origins), 6, daily.HORIZON), np.e**3)
    actual = regression.after(values, origins, daily.HORIZON)
    naive = regression.seasonal_naive(values, origins, daily.HORIZON)
    found = daily.tested(expected, naive, actual)
    assert found.days[:, 0].tolist() == [52 * 7] * 6
    covered = (found.coverage * found.days).sum() / found.days.sum()
    assert 0.78 < covered < 0.82
    assert (found.error < found.naive_error).all()
    later = actual.copy()
    later[-20:] = 0
    again = daily.tested(expected, naive, later)
    assert np.array_equal(again.low[-21], found.low[-21])
    assert not np.array_equal(again.low[-1], found.low[-1])


def test_months_and_what_is_left_of_a_year() -> None:
    assert months.whole(date(2024, 1, 2), date(2024, 4, 29)) == [date(2024, 2, 1), date(2024, 3, 1)]
    assert months.following(date(2024, 12, 1)) == date(2025, 1, 1)
    left = months.ahead(MONDAY, date(2024, 11, 15), 2024)
    assert list(left.firsts) == [date(2024, 11, 1), date(2024, 12, 1)]
    assert list(left.ends) == [335, 366]
    assert left.months == pytest.approx([15 / 30.4375, 46 / 30.4375])
    assert not months.ahead(MONDAY, date(2024, 12, 31), 2024).firsts


def test_landings_of_exchangeable_months_are_covered() -> None:
    """Four years of months whose forecast is the mean and whose errors are independent in months and series."""
    chance = np.random.default_rng(3)
    inside, chances = [], []
    for _ in range(25):
        actual = 100 + chance.normal(0, 5, (48, 5))
        course = outlook.Course(
            [months.following(MONDAY, place) for place in range(48)],
            actual,
            np.full((48, landing.MONTHS, 5), 100.0),
            date(2027, 12, 31),
            actual[36:].sum(axis=0),
            months.ahead(MONDAY, date(2027, 12, 31), 2027),
            np.zeros((0, 5)),
        )
        seen = outlook.seen(course)
        november = [seen[series, date(2027, 11, 1)] for series in range(5)]
        truth = actual[36:].sum(axis=0)
        inside += [one.landing.p10 <= end <= one.landing.p90 for one, end in zip(november, truth, strict=True)]
        chances += [landing.chance_above(one.landing, 1200.0, one.errors) for one in november]
        assert outlook.coverage(course, seen, 5)[1] >= 150
        last = seen[0, date(2027, 12, 1)]
        assert last.landing.p10 == last.landing.p90 == pytest.approx(truth[0])
        assert landing.chance_above(last.landing, float(truth[0]) - 1, last.errors) == 1
        assert np.isnan(seen[0, date(2024, 5, 1)].landing.p50), "six months have to be known"
    assert 0.73 < np.mean(inside) < 0.87
    assert 0.4 < np.mean(chances) < 0.6


def test_a_landing_knows_no_later_error() -> None:
    chance = np.random.default_rng(5)
    actual = 100 + chance.normal(0, 5, (24, 3))
    expected = np.full((24, landing.MONTHS, 3), 100.0)
    sums = landing.sums_of_errors(actual, expected)
    later = actual.copy()
    later[12:] = 0
    changed = landing.sums_of_errors(later, expected)
    for one, other in zip(
        vars(landing.known_after(sums, 12)).values(), vars(landing.known_after(changed, 12)).values(), strict=True
    ):
        assert np.array_equal(one, other)
    assert sums[0, 1] == pytest.approx((actual[1] + actual[2]) - 200)
