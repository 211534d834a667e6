"""Where electricity comes from: each kilowatt-hour that was used has one origin and one way, and no two."""
