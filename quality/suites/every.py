"""Every suite by name, so that what is checked can be read in one place."""

from quality.suite import Suite
from quality.suites import energy_consumption, energy_intervals, quality_completeness, raw_batch

SUITES: tuple[Suite, ...] = (
    raw_batch.SUITE,
    energy_intervals.SUITE,
    *energy_consumption.SUITES,
    quality_completeness.SUITE,
)
