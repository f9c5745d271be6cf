"""What a reader of statistics says when there is nothing it can read."""

from __future__ import annotations


class StatisticsError(ValueError):
    """The text holds no planner statistics."""
