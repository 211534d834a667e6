"""Restatement: why a published figure of a month that was over is another one now, cause by cause (ADR 29)."""
