"""The sizes of the claims: 10,000 and 100,000 processes, 1,000 draws of 1,000 processes."""

import pytest

from bench import footprint
from methods.footprint import ways

pytestmark = pytest.mark.soak


def test_ten_and_a_hundred_thousand_processes_and_a_thousand_draws():
    figures = footprint.measured(seed=1, repeats=1)
    assert figures["footprint.solve_10k_residual"] <= ways.CLOSED
    assert figures["footprint.solve_10k_s"] <= 5
    assert figures["footprint.solve_100k_residual"] <= ways.CLOSED
    assert figures["footprint.solve_100k_s"] <= 30
    assert figures["footprint.solve_100k_peak_memory_mb"] <= 2_000
    assert figures["footprint.monte_carlo_s"] <= 30
