"""Proving query rewrites: equal results on generated data, and a better plan in the lab."""
