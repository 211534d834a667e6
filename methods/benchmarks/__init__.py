"""How far products, processes and devices are from the best and from the limit, and how targets are scored."""
