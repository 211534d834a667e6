"""Methods that a plant or a vendor brings along: a folder with method.yaml and lines.sql, read, tried and shown."""
