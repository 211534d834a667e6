"""Checks and findings: what a reader must know before trusting a number."""
