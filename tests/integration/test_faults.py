"""The bench of planted faults, small: one meter of each fault, a few days, both deliveries through the real command."""

from pathlib import Path

import pytest

from bench.faults.run import faults
from bench.size import Size

pytestmark = pytest.mark.integration

MET = (
    "outage_catchup",
    "outage_backfilled",
    "glitch_up",
    "glitch_down",
    "rollover",
    "duplicates",
    "clean",
)


def test_a_planted_fault_costs_no_energy_and_says_what_it_touched(tmp_path: Path) -> None:
    found = faults(tmp_path, Size(meters=len(MET), days=8, seed=3), MET)
    told = found.flat()
    assert len(found.found) == len(MET)
    for fault in MET:
        assert told[f"faults.{fault}.energy_error_ratio"] <= 1e-4, told
        assert told[f"faults.{fault}.unlabelled_intervals"] == 0, told
    assert told["faults.outage_catchup.cost_error_ratio"] <= 0.02, told
    assert told["faults.clean.falsely_labelled_intervals"] == 0, told
