"""Ratios against programs that do the same work, each pair measured in one run on one machine."""
