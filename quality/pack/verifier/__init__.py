"""What verifies a pack: the standard library and DuckDB only. Joined into one file it lies in every pack."""
