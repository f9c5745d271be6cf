"""The languages that projects are written in."""

from __future__ import annotations

from enum import StrEnum


class Stack(StrEnum):
    """What a project is made of; the same over HTTP, and on the same tables."""

    PYTHON = "python"
    """FastAPI and SQLAlchemy."""
    TYPESCRIPT = "typescript"
    """Hono and Drizzle."""
