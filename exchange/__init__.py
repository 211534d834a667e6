"""Exchange: what leaves the house for platforms above it, kept until it is acknowledged."""
