"""The double-entry book of allowances, credits and green certificates: what may be posted, and the lines it becomes."""
