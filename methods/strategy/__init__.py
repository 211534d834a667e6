"""What a site could do about its energy: rules as data, each with the query that proves it."""
