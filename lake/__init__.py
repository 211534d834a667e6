"""The vocabulary (schemas, units, columns, clauses, errors) and the one Delta reader and writer; imports nothing of ours."""
