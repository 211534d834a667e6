"""Superset for Nengtan: configuration, bootstrap and start, run by the environment that holds Superset."""
