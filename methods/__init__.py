"""Models that are not set algebra: pure functions on Arrow tables and numbers."""
