"""The exchange host."""
