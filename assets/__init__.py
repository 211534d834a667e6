"""Dagster assets and asset checks, thin wrappers without arithmetic (static images live in docs/img)."""
