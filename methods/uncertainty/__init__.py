"""Uncertainty of emissions: linear propagation, and Monte Carlo beside it, with the correlation of shared inputs."""
