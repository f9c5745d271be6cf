"""Queries as they were logged: the same query again and again, and what one query in their place would be."""
