"""Planned projects: what they change of energy, emissions and money, what was verified of it, and in which order."""
