"""A small physical model of the reference park: one file per enterprise, quarter hours as numpy arrays."""
