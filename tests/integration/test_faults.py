"""The bench of planted faults, small: one meter of each fault, a few days, through the real command."""

from pathlib import Path

import pytest

from bench.faults.cases import FAULTS
from bench.faults.run import faults
from bench.size import Size

pytestmark = pytest.mark.integration

#: The month is 30 days in the bench and 8 here: where no register bounds the energy, the same loss is a larger share.
BOUNDED, UNBOUNDED = 1e-4, 2e-4 * 30 / 8


@pytest.mark.parametrize("at_once", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_a_planted_fault_costs_no_energy_and_says_what_it_touched(tmp_path: Path, at_once: bool) -> None:
    found = faults(tmp_path, Size(meters=len(FAULTS), days=8, seed=3), at_once=at_once)
    told = found.flat()
    assert {one.fault for one in found.found} == set(FAULTS)
    for one in found.found:
        assert one.unlabelled == 0, one
        assert found.unlabelled_at_first.get(one.meter_id, 0) == 0, one
        if one.is_bounded:
            assert one.energy_error_ratio <= BOUNDED, one
        else:
            assert one.is_inside, one
        if one.fault.endswith("_without_registers"):
            assert one.energy_error_ratio <= UNBOUNDED, one
    assert told["faults.outage_catchup.cost_error_ratio"] <= 0.02, told
    assert told["faults.clean.falsely_labelled_intervals"] == 0, told
