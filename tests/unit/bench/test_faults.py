"""The truth of the planted faults, and the table that tells what they cost."""

import numpy as np
import pytest

from bench.faults import lines, run
from bench.faults.cases import FAULTS
from bench.faults.plant import register
from bench.faults.readings import DAY_US, QUARTER_US
from bench.faults.site import plant
from bench.size import Size
from lake.errors import NengtanError


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_the_same_seed_plants_the_same_fault(fault: str) -> None:
    one, two = (plant(2, 8, 5, (fault,)) for _ in range(2))
    for meter, planted in one.meters.items():
        assert np.array_equal(planted.readings.value, two.meters[meter].readings.value)
        assert planted.events == two.meters[meter].events
        spans = (*planted.gaps, *planted.gaps_at_first, *planted.touched)
        assert all(one.month[0] + DAY_US < begin < end < one.month[1] for begin, end in spans)


def test_a_plant_rests_at_night_and_on_sundays_and_is_never_constant() -> None:
    made = plant(5, 30, 5, ("clean",))
    for planted in made.meters.values():
        edges = np.arange(made.month[0], made.month[1] + 1, QUARTER_US)
        used = np.diff(planted.truth.at(edges))
        assert used.max() <= planted.truth.rated_kw / 4
        assert used.min() >= 0
        assert len(np.unique(used.round(6))) > len(used) / 3
    shares = [np.diff(one.truth.at(edges)).reshape(30, 96).sum(axis=1) for one in made.meters.values()]
    assert sum(days.min() < 0.5 * days.max() for days in shares) >= 2, "some halls rest on some days"


def test_a_register_cuts_off_and_starts_again() -> None:
    assert register(np.array([0.0, 10.049, 999_999.0]), 1.0, first=2.0).tolist() == [2.0, 12.04, 1.0]


def test_the_table_has_a_row_for_each_fault_that_was_planted() -> None:
    figures = {"faults.reset.energy_error_ratio": 1e-4, "faults.reset.unlabelled_intervals": 3}
    head, row = lines(figures)
    assert "未标注区间" in head
    assert row.split()[-3:] == ["-", "3", "-"]
    assert "0.01000 %" in row


def test_too_few_days_are_told_in_one_sentence() -> None:
    with pytest.raises(NengtanError, match="give 8"):
        run.measured(Size(4, 3))
