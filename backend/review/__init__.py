"""Reviewing SQL: derived from the text alone, or observed while an engine executes it."""
