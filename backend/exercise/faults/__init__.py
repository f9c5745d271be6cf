"""Faults: a gate in front of the database and Redis, and what clients see when it closes."""
