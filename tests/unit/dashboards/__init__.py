"""Unit tests of what draws the dashboards."""
