"""Suites as data: one file for each door or mart, named in `quality.suites.every`."""
