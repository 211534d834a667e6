"""What holds for the whole tree: rooms, definitions, contract, dashboards."""
