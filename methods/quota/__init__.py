"""Allowances by the allocation plans of the national carbon market, for years that are over and for those to come."""
