"""Verification packs: everything that the declared figures of a period rest on, in one file that verifies itself."""
