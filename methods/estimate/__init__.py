"""The running month's emissions before it is over: measured so far, reckoned, expected, and how far such were off."""
