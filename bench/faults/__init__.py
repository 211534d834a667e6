"""Planted faults with known truth: how far the published marts are off, and whether they say so."""

from bench.faults.run import measured

__all__ = ["measured"]
