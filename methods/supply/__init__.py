"""What suppliers told of their materials, what is reckoned with where they did not, and what asking would bring."""
