"""Detectors: each finds one kind of doubt about the readings and says it in both languages."""
