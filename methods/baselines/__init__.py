"""Energy baselines by regression, and the savings that they verify (ISO 50006, IPMVP option C)."""
