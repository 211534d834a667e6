"""What will be used: a regression on what is known of a day, with intervals that the past has tested."""
