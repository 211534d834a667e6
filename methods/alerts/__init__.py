"""Alerts: when a watched series is beyond its limit for long enough, and what is said of it."""
