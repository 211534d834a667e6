"""Asks suppliers for the footprints of what they deliver, by PACT, and judges what they answer."""
