"""What a reader of plans says when there is nothing it can read."""

from __future__ import annotations


class PlanSyntaxError(ValueError):
    """The text holds no plan, or one whose tree cannot be told.

    Args:
        message: what is wrong, in words.
        line: the line of the pasted text, from 1.
    """

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(f"line {line}: {message}")
        self.message = message
        self.line = line
