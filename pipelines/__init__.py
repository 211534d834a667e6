"""Definitions, jobs, schedules, sensors, settings and the command line."""
