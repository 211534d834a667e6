"""The benchmark: what the product costs and how right it is, beside the bare engine; no orchestrator in it."""
