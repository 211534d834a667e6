"""Unit tests of the connectors, one upstream per file."""
