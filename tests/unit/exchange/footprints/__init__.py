"""Records of footprints, their profiles and their releases."""
