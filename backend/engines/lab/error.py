"""What the lab says when SQL cannot be used in it."""

from __future__ import annotations


class LabError(ValueError):
    """SQL that PostgreSQL or the lab refused; ``line`` counts the lines of that SQL from 1, 0 where unknown."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line
        self.message = message
