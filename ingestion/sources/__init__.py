"""One kind of upstream per file."""
