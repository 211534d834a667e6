"""Backup and restore: every file of a lake, its registers and its site, kept once by content hash."""
