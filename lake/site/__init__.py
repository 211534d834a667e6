"""The site folder: what its files may hold, reading them, and every fault in them at once."""
