"""Expectation suites as plain data, one per table."""
