"""The footprint of products: the system as matrices, solved once for all products; allocation, contributions, draws."""
