"""Sites to start from."""
