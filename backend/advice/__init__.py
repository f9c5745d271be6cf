"""Indexes advised for queries: each one was built and the query planned again before it is said."""
