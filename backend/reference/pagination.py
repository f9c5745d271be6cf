"""Pages: numbered ones, and cursors that stay right while rows come and go."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from .errors import BadRequestError
from .values import Text

PageNumber = Annotated[int, Field(ge=1, le=1_000_000)]
CursorText = Annotated[str, Field(min_length=1, max_length=200)]
SearchText = Annotated[Text, Field(min_length=1, max_length=100)]

ESCAPED = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class PageQuery(BaseModel):
    """Which page of a list that offers nothing else."""

    model_config = ConfigDict(extra="forbid")

    page: PageNumber = 1
    limit: Annotated[int, Field(ge=1, le=100)] = 20


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
        return Cursor((created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC)).astimezone(UTC), UUID(row))
    except (ValueError, OverflowError):
        raise BadRequestError("The cursor is not one that a list has given") from None


def page_of(rows: Sequence[Mapping[str, Any]], limit: int) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """The first ``limit`` of one row more than that, and the cursor behind them; ``None`` where nothing follows."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], Cursor.of(rows[limit - 1]).encode()


def containing(text: str) -> str:
    """The pattern of ``LIKE`` for values that contain ``text``; escape it with a backslash."""
    return f"%{text.translate(ESCAPED)}%"
