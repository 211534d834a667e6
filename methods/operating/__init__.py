"""What the best comparable hours of a unit did otherwise than the rest, and whether that held in other weeks."""
