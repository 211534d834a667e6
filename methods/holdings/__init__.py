"""What is held, owed and at risk: the ledger's lines, holdings by month, the position of each year, and deadlines."""
