"""The vocabulary (schemas, units, columns, clauses, errors), the site folder, and the one Delta reader and writer."""
