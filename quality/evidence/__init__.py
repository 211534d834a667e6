"""The evidence chain: what has landed, hashed in blocks, kept in a log whose signed heads anybody can hold on to."""
