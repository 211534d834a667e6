"""Green power matched with consumption hour by hour, beside what is claimed for the year."""
