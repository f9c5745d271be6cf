"""The operator's own databases: read with care, written only when a rehearsal allows it."""
