"""Planted faults with known truth: how far the published marts are off, and whether they say so."""

from bench.faults.run import measured
from bench.faults.told import lines

__all__ = ["lines", "measured"]
