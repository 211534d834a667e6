"""Best comparable hours: a planted optimum is found, chance gives none, and the order of hours does not matter."""

from itertools import accumulate
from math import comb, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.operating import rows
from methods.operating.optimum import (
    BEST,
    CONFIDENCE,
    LEAST_HOURS,
    Floats,
    Hours,
    contrasts,
    like_load,
    median_interval,
    optima,
)
from methods.operating.rows import Parameter, Series, Subject, of_subject

FIRST_HOUR, YEAR = 482_136, 8760  # 2025-01-01 UTC
OPTIMUM, WIDTH, LOSS = 0.6, 0.05, 0.04


def slow(random: np.random.Generator, hours: int, step: int) -> Floats:
    """Return what wanders between -1 and 1 and changes every `step` hours."""
    return np.repeat(random.uniform(-1, 1, hours // step + 1), step)[:hours]


def plant(seed: int, *, loss: float, hours: int = YEAR) -> Hours:
    """Return hours of a kiln: coal by load, season and chance, and `loss` where the setting is far from its optimum."""
    random = np.random.default_rng(seed)
    output = 200 + 20 * slow(random, hours, 12)
    setting = OPTIMUM + 0.12 * slow(random, hours, 3)
    wear = 1 + 0.02 * slow(random, hours, 500) + 0.01 * random.standard_normal(hours)
    far = np.abs(setting - OPTIMUM) > WIDTH
    energy = (95 * output + 600) * wear * (1 + loss * far)
    return Hours(np.arange(FIRST_HOUR, FIRST_HOUR + hours), output, energy, 1.2 * energy, setting)


def test_a_planted_optimum_is_found_with_what_it_saves() -> None:
    found = list(optima(plant(1, loss=LOSS)))
    assert len(found) == 8
    for one in found:
        assert one.reason is None
        assert one.best_value == pytest.approx(OPTIMUM, abs=0.02)
        assert OPTIMUM - WIDTH <= one.best_range[0] <= one.best_range[1] <= OPTIMUM + WIDTH
        low, high = one.difference_interval
        # the range is the middle of the best, so that some of those outside it do as well as those inside
        assert 0.5 * LOSS < one.difference / one.typical_intensity < 1.05 * LOSS
        assert 0 < low <= one.difference <= high
        assert one.saving_interval_tce[0] < one.saving_tce < one.saving_interval_tce[1]
        assert one.saving_tce < one.potential_tce
        assert one.cny_per_tce == pytest.approx(1200)


@pytest.mark.parametrize("seed", range(4))
def test_chance_and_season_recommend_nothing_though_the_best_tenth_is_better(seed: int) -> None:
    for one in optima(plant(seed, loss=0.0)):
        assert one.reason in {"within_noise", "no_contrast"}
        assert one.best_intensity < one.typical_intensity


def test_an_effect_too_small_for_a_word_says_so() -> None:
    hours = plant(5, loss=0.0)
    even = 95 * hours.output * np.where(np.abs(hours.value - OPTIMUM) > WIDTH, 1.001, 1.0)
    found = list(optima(Hours(hours.hour, hours.output, even, even, hours.value)))
    assert {one.reason for one in found} == {"too_small"}


def test_what_the_load_does_within_a_bin_is_not_the_parameter_s_effect() -> None:
    hours = plant(2, loss=0.0)
    energy = 60 * hours.output + 7000  # less by output the higher the load
    follows = Hours(hours.hour, hours.output, energy, energy, hours.output / 2)
    assert {one.reason for one in optima(follows)} <= {"within_noise", "no_contrast", "too_small"}


def test_bins_without_enough_alike_say_so() -> None:
    short = plant(3, loss=LOSS, hours=8 * LEAST_HOURS // 2)
    assert {one.reason for one in optima(short)} == {"too_few_hours"}
    hours = plant(3, loss=LOSS)
    wide = Hours(hours.hour, hours.output ** np.linspace(1, 3, YEAR), hours.energy, hours.cost, hours.value)
    assert {one.reason for one in optima(wide)} == {"loads_differ"}
    constant = Hours(hours.hour, hours.output, hours.energy, hours.cost, np.full(YEAR, 0.6))
    assert {one.reason for one in optima(constant)} == {"no_contrast"}


def test_hours_of_like_weather_alone_are_compared() -> None:
    hours = plant(4, loss=LOSS)
    weather = 15 - 15 * np.cos(np.arange(YEAR) * 2 * np.pi / 24)
    found = list(optima(Hours(hours.hour, hours.output, hours.energy, hours.cost, hours.value, weather)))
    assert len(found) == 24
    assert sum(one.hours for one in found) == YEAR
    for cold, mild, warm in zip(found[::3], found[1::3], found[2::3], strict=True):
        assert cold.condition and mild.condition and warm.condition
        assert cold.condition[1] <= mild.condition[0] <= mild.condition[1] <= warm.condition[0]
        assert cold.load[0] == pytest.approx(mild.load[0], rel=0.05)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3))
def test_the_order_of_hours_does_not_matter(order: int, seed: int) -> None:
    hours = plant(seed, loss=LOSS, hours=2400)
    mixed = hours.where(np.random.default_rng(order).permutation(2400))
    assert repr(list(optima(mixed))) == repr(list(optima(hours)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), max_size=60))
def test_the_interval_of_the_median_leaves_out_what_the_binomial_says(values: list[float]) -> None:
    low, high = median_interval(values)
    ordered = sorted(values)
    tails = list(accumulate(comb(len(values), rank) / 2 ** len(values) for rank in range(len(values) + 1)))
    allowed = [rank for rank, tail in enumerate(tails) if 2 * tail <= 1 - CONFIDENCE]
    if not allowed or not values:
        assert isnan(low) and isnan(high)
    else:
        assert (low, high) == (ordered[allowed[-1]], ordered[-1 - allowed[-1]])


def test_weeks_are_tried_on_what_the_others_found() -> None:
    """Two weeks by hand: each is judged by the range of the other's best hours, never by its own."""
    hour = np.arange(FIRST_HOUR + 5 * 24, FIRST_HOUR + 19 * 24)  # from Monday, 2025-01-06
    first = np.arange(336) < 168
    value = np.where(np.arange(336) % 2 == 0, 1.0, 2.0)
    level = np.where(first, np.where(value == 1, 90.0, 100.0), np.where(value == 2, 80.0, 95.0))
    # the first week's best were at 1, which cost the second 15 more; the second's at 2 cost the first 10 more
    assert sorted(contrasts(hour, value, level)) == [-15.0, -10.0]
    assert np.quantile(level[first], BEST) == 90


def test_the_slope_of_the_load_is_taken_out() -> None:
    output = np.array([1.0, 2.0, 3.0])
    assert like_load(np.array([5.0, 4.0, 3.0]), output) == pytest.approx([4.0, 4.0, 4.0])
    assert like_load(np.array([5.0, 4.0]), np.array([2.0, 2.0])) == pytest.approx([5.0, 4.0])


def subject(hours: Hours) -> Subject:
    return Subject({"subject_id": "kiln", "load_unit": "t"}, FIRST_HOUR, hours.output, hours.energy, hours.cost, 100.0)


def test_rows_leave_out_what_is_unknown_and_keep_advice_to_what_was_found() -> None:
    hours = plant(6, loss=LOSS)
    burner = hours.output * (1 - hours.value)
    calciner = hours.output * hours.value
    calciner[:100] = np.nan
    share = Parameter(
        {"parameter_id": "share"}, "ratio", [Series(calciner, "t")], [Series(burner, "t"), Series(calciner, "t")]
    )
    found = list(of_subject(subject(hours), [share]))
    assert [row["bin_number"] for row in found] == list(range(1, 9))
    assert sum(row["hours_count"] for row in found) == YEAR - 100
    assert {(row["left_out_count"], row["parameter_unit"], row["is_found"]) for row in found} == {(100, "ratio", True)}
    assert all(row["saving_cny"] > 0 for row in found)
    low, high = found[-1]["best_range"].split("–")
    assert OPTIMUM - WIDTH <= float(low) < OPTIMUM < float(high) <= OPTIMUM + WIDTH
    assert found[0]["bin_name"].endswith(" t/h")
    nothing = plant(6, loss=0.0)
    for row in of_subject(subject(nothing), [Parameter({}, "value", [Series(nothing.value, "percent")])]):
        assert row["null_reason_name_zh"] == rows.REASONS[row["null_reason"]][0]
        assert not row.keys() & {"best_value", "saving_tce_calorific", "potential_tce_calorific"}


def test_a_unit_without_a_measured_parameter_says_so() -> None:
    (row,) = of_subject(subject(plant(7, loss=0.0, hours=24)), [])
    assert (row["null_reason"], row["is_found"]) == ("no_parameter", False)


def test_mostly_missing_hours_say_so() -> None:
    hours = plant(8, loss=LOSS)
    value = np.where(np.arange(YEAR) < YEAR * 0.6, np.nan, hours.value)
    (row,) = of_subject(subject(hours), [Parameter({}, "value", [Series(value, "percent")])])
    assert row["null_reason"] == "incomplete"


def test_the_larger_set_s_share() -> None:
    sets = [Series(np.array([1.0, 3.0, 0.0]), "kWh"), Series(np.array([3.0, 3.0, 0.0]), "kWh")]
    share = Parameter({}, "largest_share", sets)
    assert share.values()[:2] == pytest.approx([0.75, 0.5])
    assert isnan(share.values()[2])
