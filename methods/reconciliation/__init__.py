"""Reconciliation of an energy network: the least adjustment after which every balance holds."""
