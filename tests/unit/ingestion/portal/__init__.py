"""The entry portal, piece by piece."""
