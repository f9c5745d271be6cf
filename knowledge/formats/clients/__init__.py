"""Typed clients of a blueprint's API: one function an operation, one type a schema, errors by their code."""
