"""Pages: numbered ones, and cursors that stay right while rows come and go."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import Field

from .errors import BadRequestError

PageNumber = Annotated[int, Field(ge=1, le=1_000_000)]
CursorText = Annotated[str, Field(min_length=1, max_length=200)]
SearchText = Annotated[str, Field(min_length=1, max_length=100)]

ESCAPED = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class Cursor(NamedTuple):
    """The last row that the client has seen: newest first, so what follows is older, or as old with a lesser id."""

    created_at: datetime
    id: UUID

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Cursor:
        """The cursor behind ``row``."""
        return cls(row["created_at"], row["id"])

    def encode(self) -> str:
        """As clients hand it back, unread."""
        return urlsafe_b64encode(f"{self.created_at.isoformat()}|{self.id}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """The cursor that a client handed back.

    Raises:
        BadRequestError: it is not one of ours.
    """
    try:
        moment, _, row = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition("|")
        created_at = datetime.fromisoformat(moment)
        return Cursor(created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC), UUID(row))
    except (ValueError, OverflowError):
        raise BadRequestError("The cursor is not one that a list has given") from None


def containing(text: str) -> str:
    """The pattern of ``LIKE`` for values that contain ``text``; escape it with a backslash."""
    return f"%{text.translate(ESCAPED)}%"
