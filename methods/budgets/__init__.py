"""Budgets of energy and carbon: the version in force, how it stands, and where the year lands."""
